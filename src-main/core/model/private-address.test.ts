import { expect, test } from 'vitest'
import { isPrivateAddress } from './private-address.ts'

const near = [
  'http://localhost:1234/v1',
  'http://127.0.0.1:8080',
  'http://[::1]:8000/v1',
  'http://10.1.2.3',
  'http://172.31.255.1',
  'http://192.168.0.4:1234',
  'http://169.254.1.1',
  'http://100.64.0.1',
  'http://[fd00::1]',
  'http://[fe80::1]',
  'https://gpu-box.local/v1',
]
test.each(near)('R7 counts %s as this machine or its private network', (url) => {
  expect(isPrivateAddress(url)).toBe(true)
})

const far = [
  'https://api.openai.com/v1',
  'http://172.32.0.1',
  'http://100.128.0.1',
  'http://8.8.8.8',
  'http://[2001:db8::1]',
  'https://localhost.example.com',
  'https://10.0.0.1.example.com',
]
test.each(far)('R7 counts %s as outside', (url) => {
  expect(isPrivateAddress(url)).toBe(false)
})
