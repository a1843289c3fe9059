/**
 * The build of the console: one small first chunk, a chunk per route, the two heavy libraries apart, and the
 * API browser copied beside them so that it works without a connection to the outside.
 */
import { copyFileSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import Components from 'unplugin-vue-components/vite'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'
import { mockApi } from './dev/mock/plugin.ts'

const root = fileURLToPath(new URL('.', import.meta.url))
const backend = process.env.FREEHOLD_API ?? 'http://127.0.0.1:8080'
const mocked = process.env.FREEHOLD_CONSOLE_MOCK === '1'

/** What every page needs and what changes least: one chunk that browsers keep across releases. */
const FRAMEWORK = /node_modules[\\/](@?vue|@intlify|vue-router|vue-i18n|pinia)[\\/]/

const SWAGGER_FILES = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png', 'LICENSE', 'NOTICE']

/** Copies the files of the API browser that we use into dist/docs/. */
function apiBrowser(): Plugin {
  return {
    name: 'freehold-api-browser',
    apply: 'build',
    closeBundle() {
      const target = resolve(root, 'dist/docs')
      mkdirSync(target, { recursive: true })
      for (const file of SWAGGER_FILES) {
        copyFileSync(resolve(root, 'node_modules/swagger-ui-dist', file), resolve(target, file))
      }
    },
  }
}

export default defineConfig({
  plugins: [
    vue(),
    Components({
      dirs: [],
      dts: 'components.d.ts',
      resolvers: [ElementPlusResolver({ importStyle: 'css' })],
    }),
    apiBrowser(),
    ...(mocked ? [mockApi()] : []),
  ],
  resolve: { alias: { '@': resolve(root, 'src') } },
  build: {
    target: 'es2022',
    cssCodeSplit: true,
    chunkSizeWarningLimit: 700,
    assetsInlineLimit: 0,
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'vue', test: FRAMEWORK }] } } },
  },
  server: {
    host: '127.0.0.1',
    proxy: mocked ? undefined : { '/api': backend, '/.well-known': backend },
  },
  preview: { host: '127.0.0.1', proxy: mocked ? undefined : { '/api': backend } },
  test: {
    environment: 'happy-dom',
    include: ['tests/**/*.test.ts', 'src/**/*.test.ts'],
    server: { deps: { inline: ['element-plus'] } },
  },
})
