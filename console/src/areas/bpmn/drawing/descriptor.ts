/**
 * What Freehold adds to BPMN 2.0, as the editor has to know it to read and write it: the same elements that the server
 * reads from `urn:freehold:bpmn:1`. What other tools added is kept as it is.
 */
const attribute = (name: string) => ({ name, isAttr: true, type: 'String' })
const body = (name: string) => ({ name, isBody: true, type: 'String' })
const type = (name: string, ...properties: object[]) => ({ name, superClass: ['Element'], properties })

export const FREEHOLD = {
  name: 'Freehold',
  prefix: 'freehold',
  uri: 'urn:freehold:bpmn:1',
  xml: { tagAlias: 'lowerCase' },
  associations: [],
  types: [
    type('Name', attribute('locale'), body('text')),
    type('Decision'),
    type('Due', attribute('in')),
    type('People', { name: 'entries', type: 'Element', isMany: true }),
    type('Person', attribute('id')),
    type('Role', attribute('key'), attribute('up')),
    type('Field', attribute('name')),
    type('Applicant'),
    type('When', body('criteria')),
    type('Withdrawn', body('actions')),
    type('Automatic', attribute('when')),
    type('Actions', attribute('after'), body('actions')),
    type('Formula', attribute('variable'), attribute('result'), body('source')),
    type('Correlation', body('formula')),
    type('Table', attribute('variable'), attribute('result'), { name: 'rows', type: 'Row', isMany: true }),
    type('Row', attribute('when'), attribute('if'), body('value')),
    type('Take', attribute('variable'), attribute('result')),
    type('About', attribute('field')),
    type('Give', attribute('variable'), attribute('result'), body('source')),
    type('Get', attribute('variable'), attribute('result'), attribute('of')),
    type('Outcome', attribute('value')),
    { name: 'Timed', extends: ['bpmn:TimerEventDefinition'], properties: [attribute('time')] },
  ],
}

/** Types of extensions, in the order that the approval designer writes them. */
export const EXTENSIONS = [
  'Name',
  'Decision',
  'Due',
  'People',
  'When',
  'Withdrawn',
  'Automatic',
  'Actions',
  'Formula',
  'Correlation',
  'Table',
  'Take',
  'About',
  'Give',
  'Get',
  'Outcome',
] as const

export type Extension = (typeof EXTENSIONS)[number]
export const CRITERIA = 'urn:freehold:criteria'
