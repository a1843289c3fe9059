// Runs before the first paint so that a dark desk never flashes white. The same rule is kept in src/stores/ui.ts.
;(function () {
  var choice = 'system'
  try {
    choice = JSON.parse(localStorage.getItem('freehold.ui') || '{}').theme || 'system'
  } catch (error) {
    choice = 'system'
  }
  var dark = choice === 'dark' || (choice === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
})()
