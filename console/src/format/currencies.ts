/** ISO 4217 codes that amounts may have, the usual ones first. */
const USUAL = ['CNY', 'USD', 'EUR', 'HKD', 'JPY', 'GBP']
const ALL = `AED ARS AUD BDT BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR JPY KES KRW KZT LKR MAD
MMK MOP MXN MYR NGN NOK NPR NZD PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TRY TWD UAH USD UYU VND XAF XOF ZAR`

export const CURRENCIES = [...USUAL, ...ALL.split(/\s+/).filter((code) => !USUAL.includes(code))]
