/** Phone numbers travel as +8613812345678; people at home read 138 1234 5678. */

const CHINESE_MOBILE = /^\+86(1\d{2})(\d{4})(\d{4})$/
const CHINESE_LANDLINE = /^\+86(10|2\d|[3-9]\d{2})(\d{7,8})$/

/** A number in the groups that people speak it in, its extension apart; what follows no known habit stays as it is. */
export function formatPhone(number: string, locale: string): string {
  const [main = '', extension] = number.split(';ext=')
  return extension ? `${grouped(main)} ${locale.startsWith('zh') ? '转' : 'ext.'} ${extension}` : grouped(main)
}

function grouped(number: string): string {
  const mobile = CHINESE_MOBILE.exec(number)
  if (mobile) return mobile.slice(1).join(' ')
  const landline = CHINESE_LANDLINE.exec(number)
  return landline ? `0${landline[1]}-${landline[2]}` : number
}
