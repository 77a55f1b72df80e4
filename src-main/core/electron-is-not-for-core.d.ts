// Core runs without Electron: inside core the name `electron` resolves to this empty module.
export {}
