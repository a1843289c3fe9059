"""Words that head columns in real sheets, in groups that mean the same.

A header and a field belong together when one group holds both the header and the field's name or one of its labels.
The words stand as `plain` makes them: lower case, no blanks, no punctuation.
"""

from __future__ import annotations

import re
import unicodedata

_NOTE = re.compile(r"[(（\[【<].*?[)）\]】>]")
_NOISE = re.compile(r"[\W_]+")

_WORDS = """\
name fullname contactname contactperson contact leadname customername person 姓名 名字 联系人 联系人姓名 客户姓名
线索姓名 线索名称 名称

company companyname organization organisation account accountname employer firm business customer 公司 公司名称
公司名 企业 企业名称 单位 单位名称 客户 客户名称 所属公司 工作单位

phone phonenumber telephone tel telno mobile mobilephone mobilenumber cell cellphone contactnumber 电话 手机 手机号
手机号码 联系电话 联系方式 电话号码 移动电话

mobile secondphone otherphone phone2 landline officephone 备用电话 其他电话 座机 固定电话 办公电话 电话2 手机2

email emailaddress mail mailaddress 邮箱 电子邮箱 邮件 电子邮件 邮箱地址 邮件地址

jobtitle title position role job 职位 职务 岗位 头衔

source leadsource channel origin camefrom 来源 线索来源 渠道 来源渠道 客户来源 获客渠道

region area territory salesregion zone 区域 地区 大区 片区 销售区域 所属区域 所在区域

industry sector trade 行业 所属行业 行业类型

status stage state leadstatus 状态 阶段 线索状态 跟进状态 当前状态

expectedamount amount budget dealvalue dealsize value estimatedamount opportunityamount price 金额 预计金额 预算
预计成交金额 意向金额 预估金额 成交金额 商机金额

expectedcloseon expectedclosedate closedate closingdate expectedclose 预计成交日期 预计成交时间 成交日期
预计签约日期 结单日期 预计结单日期

address street streetaddress 地址 详细地址 联系地址 公司地址 通讯地址

city town 城市 市 所在城市

province 省 省份 所在省份

website web url homepage site 网址 网站 官网 公司网址 主页

wechat wechatid weixin 微信 微信号

note notes remark remarks comment comments description memo details 备注 说明 描述 备注信息 需求描述 需求 详情
跟进内容 跟进记录 跟进情况 沟通内容 沟通记录

ownerid owner salesrep salesperson sales assignedto responsible accountmanager 负责人 归属人 所有人 销售 业务员
销售人员 跟进人 客户经理 销售负责人

department team group 部门 团队 所属部门

level grade rating priority 级别 等级 客户级别 客户等级 优先级

employees employeecount staff headcount companysize 人数 员工数 员工人数 公司规模 规模

birthday birthdate dateofbirth 生日 出生日期

gender sex 性别

probability winrate chance 概率 赢率 成交概率

product products productname interest 产品 意向产品 产品名称 感兴趣的产品

subject topic theme 主题 标题

number no code 编号 编码 客户编号 线索编号
"""
GROUPS: tuple[frozenset[str], ...] = tuple(frozenset(group.split()) for group in _WORDS.split("\n\n"))


def plain(text: str) -> str:
    """A header or label reduced to its word: remarks in brackets, blanks and punctuation go."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _NOISE.sub("", _NOTE.sub("", folded)) or _NOISE.sub("", folded)
