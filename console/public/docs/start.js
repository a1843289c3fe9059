// Opens the combined description of all services. Nothing is loaded from outside: no validator badge, no fonts.
window.SwaggerUIBundle({
  url: '/api/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  docExpansion: 'none',
  filter: true,
  validatorUrl: null,
  tryItOutEnabled: false,
})
