import type { Configuration } from 'electron-builder'
import { NATIVE_PACKAGES } from './scripts/native-packages.ts'

/** How `npm run package` makes installable applications. Read docs/decisions/0051-packaging.md beside it. */
const config: Configuration = {
  // The same as in src-main/desktop/main.ts: Windows knows by it whose notifications they are.
  appId: 'dev.baton.Baton',
  productName: 'Baton',
  executableName: 'baton',
  copyright: 'Apache-2.0',
  directories: { output: 'release', buildResources: 'packaging' },
  files: [
    'out/**',
    '!out/.built',
    '!out/**/*.map',
    '!out/main/cli.js',
    'resources/**',
    'docs/user-guide.md',
    'LICENSE',
    'package.json',
  ],
  asar: true,
  asarUnpack: [
    // The system loads these itself, and knows nothing of archives.
    '**/*.{node,so,dylib,dll}',
    // With the platform's own packages, such as sqlite-vec-linux-x64.
    ...NATIVE_PACKAGES.map((name) => `node_modules/${name}{,-*}/**`),
    'out/main/*-worker.js',
    'resources/**',
  ],
  // All machine code is prebuilt for Node-API, which is the same in Node and Electron.
  npmRebuild: false,
  nodeGypRebuild: false,
  electronFuses: {
    runAsNode: false,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableCookieEncryption: true,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
    resetAdHocDarwinSignature: true,
  },
  protocols: [{ name: 'Baton', schemes: ['baton'] }],
  // No update is looked for, and nothing is sent anywhere.
  publish: null,
  linux: {
    target: ['AppImage', 'deb'],
    icon: 'resources/icons/linux',
    category: 'Development',
    synopsis: 'Turns what you write down into a plan, and an approved plan into finished, verified work',
    syncDesktopName: true,
  },
  deb: {
    // Ubuntu's libraries since 24.04 have other names; either will do. Secret Service and bubblewrap make keys and commands safe.
    depends: ['libgtk-3-0 | libgtk-3-0t64', 'libnss3', 'libnotify4', 'libsecret-1-0', 'xdg-utils'],
    recommends: ['bubblewrap', 'git', 'gnome-keyring'],
  },
  mac: {
    target: ['dmg'],
    icon: 'resources/icons/baton.icns',
    category: 'public.app-category.developer-tools',
    hardenedRuntime: true,
    entitlements: 'packaging/entitlements.mac.plist',
    entitlementsInherit: 'packaging/entitlements.mac.plist',
    // Needs the account of who signs; `CSC_LINK` and `APPLE_ID` make electron-builder sign and notarize.
    notarize: false,
  },
  win: { target: ['nsis'], icon: 'resources/icons/baton.ico' },
  nsis: {
    oneClick: false,
    perMachine: false,
    allowToChangeInstallationDirectory: true,
    deleteAppDataOnUninstall: false,
  },
}

export default config
