/** The second build: `src/drawing` as one script that runs without a browser, dist/drawing/charts.js. */
import { fileURLToPath } from 'node:url'
import { resolve } from 'node:path'
import { defineConfig } from 'vite'

const root = fileURLToPath(new URL('.', import.meta.url))

export default defineConfig({
  resolve: { alias: { '@': resolve(root, 'src') } },
  define: { 'process.env.NODE_ENV': JSON.stringify('production') },
  publicDir: false,
  build: {
    target: 'es2022',
    outDir: 'dist/drawing',
    lib: {
      entry: resolve(root, 'src/drawing/main.ts'),
      formats: ['iife'],
      name: 'freehold',
      fileName: () => 'charts.js',
    },
  },
})
