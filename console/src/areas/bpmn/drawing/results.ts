/** What a formula of a process may give. */
export const RESULTS = ['text', 'integer', 'decimal', 'boolean', 'date', 'datetime']
