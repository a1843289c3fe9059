"""The words that the demo company is made of: names, places, trades, and what people write into follow-ups.

Chinese words stand with their pinyin, because e-mail addresses are made of it. Mobile numbers are random; foreign
telephone numbers are of the ranges that their countries keep for fiction, and every domain is below example.com.
"""

from __future__ import annotations

_SURNAMES = """
    王=wang 李=li 张=zhang 刘=liu 陈=chen 杨=yang 黄=huang 赵=zhao 吴=wu 周=zhou 徐=xu
    孙=sun 马=ma 朱=zhu 胡=hu 郭=guo 何=he 林=lin 高=gao 罗=luo 郑=zheng 梁=liang 谢=xie
    宋=song 唐=tang 许=xu 韩=han 冯=feng 邓=deng 曹=cao 彭=peng 曾=zeng 肖=xiao 田=tian
    董=dong 潘=pan 袁=yuan 蔡=cai 蒋=jiang 余=yu
"""
_GIVEN = """
    伟=wei 芳=fang 娜=na 敏=min 静=jing 丽=li 强=qiang 磊=lei 军=jun 洋=yang 勇=yong
    艳=yan 杰=jie 娟=juan 涛=tao 明=ming 超=chao 霞=xia 平=ping 刚=gang 建国=jianguo
    志强=zhiqiang 秀英=xiuying 晓东=xiaodong 海燕=haiyan 文博=wenbo 子轩=zixuan 雨桐=yutong
    思远=siyuan 佳怡=jiayi 浩然=haoran 梓涵=zihan 俊杰=junjie 欣怡=xinyi 宇航=yuhang 雪梅=xuemei
    国庆=guoqing 志远=zhiyuan 丽华=lihua 建平=jianping 春梅=chunmei 立新=lixin 永康=yongkang
    家豪=jiahao 美玲=meiling 振华=zhenhua 晓燕=xiaoyan 光明=guangming 婷婷=tingting
    慧敏=huimin
"""
_BRANDS = """
    恒=heng 瑞=rui 华=hua 金=jin 天=tian 宏=hong 鑫=xin 远=yuan 创=chuang 卓=zhuo 凯=kai
    博=bo 精=jing 安=an 盛=sheng 德=de 嘉=jia 永=yong 泰=tai 晟=sheng 锦=jin 铭=ming 润=run
    通=tong 达=da 科=ke 诺=nuo 腾=teng 飞=fei 星=xing 辰=chen 海=hai 川=chuan 正=zheng
    佳=jia 隆=long 昌=chang 兴=xing 耀=yao 峰=feng
"""
SURNAMES, GIVEN, BRANDS = (tuple(tuple(pair.split("=")) for pair in table.split())
                           for table in (_SURNAMES, _GIVEN, _BRANDS))

CITIES = {
    "east": ("上海 021", "杭州 0571", "苏州 0512", "宁波 0574", "南京 025", "无锡 0510", "合肥 0551", "青岛 0532"),
    "north": ("北京 010", "天津 022", "石家庄 0311", "太原 0351", "济南 0531"),
    "south": ("广州 020", "深圳 0755", "东莞 0769", "佛山 0757", "厦门 0592", "南宁 0771"),
    "central": ("武汉 027", "长沙 0731", "郑州 0371", "南昌 0791"),
    "southwest": ("成都 028", "重庆 023", "昆明 0871", "贵阳 0851"),
    "northwest": ("西安 029", "兰州 0931", "乌鲁木齐 0991"),
    "northeast": ("沈阳 024", "大连 0411", "长春 0431", "哈尔滨 0451"),
    "overseas": ("München", "Stuttgart", "Hamburg", "London", "Chicago"),
}
SEVEN_DIGIT_CODES = frozenset({"0351", "0592", "0771", "0851", "0931", "0991"})
REGION_WEIGHTS = {"east": 34, "south": 20, "north": 16, "central": 10, "southwest": 7, "northwest": 4, "northeast": 4,
                  "overseas": 5}
TRADES = {
    "machinery": ("机械", "精密机械", "装备制造", "数控设备"), "automotive": ("汽车零部件", "汽车科技", "车桥"),
    "electronics": ("电子", "电气", "光电科技"), "new_energy": ("新能源", "储能科技", "光伏"),
    "chemicals": ("新材料", "化工", "涂料"), "medical": ("医疗器械", "生物科技"), "food": ("食品", "饮料"),
    "textiles": ("纺织", "服饰"), "logistics": ("物流", "供应链"), "retail": ("商贸", "贸易"),
    "it": ("信息技术", "软件"),
    "construction": ("建设工程", "建材"), "education": ("教育科技",), "other": ("实业", "企业管理")}
TRADE_WEIGHTS = {"machinery": 22, "automotive": 16, "electronics": 14, "new_energy": 10, "chemicals": 8, "medical": 6,
                 "food": 5, "textiles": 5, "logistics": 4, "retail": 3, "it": 3, "construction": 2, "education": 1,
                 "other": 1}
SOURCE_WEIGHTS = {"website": 24, "exhibition": 20, "referral": 16, "advertising": 13, "phone": 10, "wecom": 9,
                  "partner": 6, "other": 2}

ENGLISH_GIVEN = ("Oliver", "Emma", "James", "Sophie", "Daniel", "Laura", "Thomas", "Hannah", "Peter", "Julia", "Martin",
                 "Clara", "David", "Helen", "Stefan", "Anna", "Michael", "Katrin", "Robert", "Ines")
ENGLISH_SURNAMES = ("Miller", "Becker", "Taylor", "Hoffmann", "Wright", "Schneider", "Clarke", "Wagner", "Harris",
                    "Krüger", "Bennett", "Vogel", "Foster", "Lehmann", "Parker", "Brandt", "Hughes", "Seidel")
ENGLISH_BRANDS = ("Northgate", "Silverline", "Brookfield", "Ashdown", "Kestrel", "Lindner", "Falkenberg", "Rheintal",
                  "Oakridge", "Harwell", "Steinbach", "Weidmann", "Larkspur", "Eastmoor", "Grünfeld", "Tannhof")
ENGLISH_TRADES = ("Precision", "Automation", "Components", "Drives", "Castings", "Systems", "Controls", "Tooling")
ENGLISH_FORMS = {"München": "GmbH", "Stuttgart": "GmbH & Co. KG", "Hamburg": "GmbH", "London": "Ltd", "Chicago": "Inc."}
FICTION_NUMBERS = {"München": "+498999998{:03d}", "Stuttgart": "+493023125{:03d}", "Hamburg": "+494066969{:03d}",
                   "London": "+44207946{:04d}", "Chicago": "+131255501{:02d}"}

JOB_TITLES = ("总经理", "采购经理", "采购总监", "生产总监", "设备部主管", "技术总监",
              "工艺工程师", "财务经理", "厂长", "IT 经理")
ENGLISH_JOB_TITLES = ("Managing director", "Purchasing manager", "Head of production", "Plant engineer", "Buyer")
ROLE_OF_TITLE = {
    "总经理": "decision_maker", "采购经理": "buyer", "采购总监": "decision_maker", "生产总监": "influencer",
    "设备部主管": "user", "技术总监": "influencer", "工艺工程师": "user", "财务经理": "influencer",
    "厂长": "decision_maker", "IT 经理": "influencer", "Managing director": "decision_maker",
    "Purchasing manager": "buyer", "Head of production": "influencer", "Plant engineer": "user", "Buyer": "buyer"}
PRODUCTS = ("数控加工中心", "自动化产线", "工业机器人工作站", "视觉检测系统", "激光切割机",
            "智能仓储系统", "伺服压力机", "设备维保服务")
ENGLISH_PRODUCTS = ("machining centre", "assembly line", "robot cell", "vision inspection system", "laser cutter",
                    "automated warehouse", "servo press", "maintenance contract")

TALKS = {
    "phone": ("电话沟通需求：{product}，客户目前仍用旧设备，希望年内更换。",
              "电话回访，客户正在比较两家方案，关注交期与售后。",
              "电话确认预算范围，采购流程需要两级审批。"),
    "wecom": ("企业微信发送{product}资料，客户表示会转给技术部门。", "企业微信跟进，客户询问付款方式与质保年限。"),
    "visit": ("上门拜访，参观车间，确认{product}的安装空间与节拍要求。", "现场测量并采集样件，客户对精度要求较高。"),
    "demo": ("安排{product}演示，客户技术人员到场，反馈良好。", "在展厅演示样机，加工样件合格率 99.6%。"),
    "meeting": ("与采购、生产、财务三方开会，讨论{product}商务条款。", "技术交流会，就接口与验收标准达成一致。"),
    "email": ("邮件发送{product}报价单第二版，含三年维保。", "邮件确认合同条款，客户法务审核中。"),
    "exhibition": ("展会现场交流，客户对{product}感兴趣，留下名片。",),
    "other": ("节日问候，客户近期暂无采购计划。",)}
ENGLISH_TALKS = {
    "phone": ("Call about the {product}; the present one is ten years old and due for replacement.",
              "Call: they compare two offers and care most about delivery time."),
    "visit": ("Visit on site: floor space and cycle time for the {product} are clear now.",),
    "demo": ("Demonstration of the {product}; their engineers were pleased with the sample parts.",),
    "meeting": ("Meeting with purchasing and production about the {product}; acceptance criteria agreed.",),
    "email": ("Second quotation for the {product} sent, with three years of service.",),
    "exhibition": ("Talk at our stand; interested in the {product}.",),
    "wecom": ("Data sheets of the {product} sent.",),
    "other": ("Season's greetings; no purchase planned at present.",)}
SUBJECTS = {"phone": "电话沟通", "wecom": "企业微信沟通", "visit": "上门拜访", "demo": "产品演示",
            "meeting": "商务会议", "email": "邮件往来", "exhibition": "展会交流", "other": "客户关怀"}
ENGLISH_SUBJECTS = {"phone": "Call", "wecom": "Message", "visit": "Visit", "demo": "Demonstration",
                    "meeting": "Meeting", "email": "E-mail", "exhibition": "Exhibition", "other": "Customer care"}
NEXT_STEPS = ("发送详细方案", "安排技术交流", "提交正式报价", "预约上门拜访", "确认合同条款", "跟进审批进度")
ENGLISH_NEXT_STEPS = ("Send the detailed offer", "Arrange a technical call", "Agree on a visit", "Check the contract")
COMPETITORS = ("东方精工", "海德数控", "北辰自动化", "Kraftwerk Systems", "同行报价更低")
TASK_TITLES = {
    ("lead", "zh-CN"): ("首次联系", "回访线索", "发送产品资料"),
    ("lead", "en"): ("First contact", "Call back", "Send the brochure"),
    ("opportunity", "zh-CN"): ("提交报价", "确认合同条款", "预约上门拜访"),
    ("opportunity", "en"): ("Send the offer", "Agree on the contract", "Arrange a visit")}
