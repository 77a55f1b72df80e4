import { networkInterfaces } from 'node:os'
import { describe, expect, test } from 'vitest'
import { readUrl } from './checked-url.ts'
import { whyNotPublic } from './public-address.ts'
import { createReach } from './reach.ts'

/** Spellings of URLs none of which may be asked, whoever allows it. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  'this machine': [
    ...['http://127.0.0.1/', 'http://127.0.0.1:8080/', 'https://127.0.0.1/', 'http://127.1/', 'http://127.0.1/'],
    ...[
      'http://2130706433/',
      'http://0x7f000001/',
      'http://0x7F.0x0.0x0.0x1/',
      'http://0177.0.0.1/',
      'http://017700000001/',
    ],
    ...[
      'http://0x7f.1/',
      'http://127.255.255.254/',
      'http://127.0.0.1./',
      'http://0/',
      'http://0.0.0.0/',
      'http://0x0/',
    ],
    ...['http://[::1]/', 'http://[0:0:0:0:0:0:0:1]/', 'http://[0000::0001]/', 'http://[::]/', 'http://localhost/'],
    ...['http://LOCALHOST/', 'http://localhost./', 'http://a.localhost/', 'http://localhost.localdomain/'],
    ...[
      'http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/',
      'http://①②⑦.⓪.⓪.①/',
      'http://１２７.０.０.１/',
      'http://127。0。0。1/',
      'http://%31%32%37.0.0.1/',
    ],
    ...['http://loc\talhost/', 'http:\\\\127.0.0.1/', 'http:127.0.0.1/', 'http:/127.0.0.1/', ' http://127.0.0.1/'],
    ...[
      'http://0x7f000001:443/',
      'http://127.0.0.1?x=.example.com',
      'http://127.0.0.1#@example.com/',
      'http://00000177.1/',
    ],
  ],
  'IPv4 inside of IPv6': [
    ...[
      'http://[::ffff:127.0.0.1]/',
      'http://[::ffff:7f00:1]/',
      'http://[::ffff:a9fe:a9fe]/',
      'http://[::ffff:169.254.169.254]/',
    ],
    ...[
      'http://[::FFFF:10.0.0.1]/',
      'http://[0:0:0:0:0:ffff:7f00:1]/',
      'http://[::ffff:0:127.0.0.1]/',
      'http://[::127.0.0.1]/',
    ],
    ...[
      'http://[::7f00:1]/',
      'http://[64:ff9b::127.0.0.1]/',
      'http://[64:ff9b::a9fe:a9fe]/',
      'http://[64:ff9b:1::7f00:1]/',
    ],
    ...[
      'http://[2002:7f00:1::]/',
      'http://[2002:a9fe:a9fe::1]/',
      'http://[2002:c0a8:101::]/',
      'http://[2001::7f00:1]/',
    ],
    ...[
      'http://[2001:0:53aa:64c:0:0:80ff:fffe]/',
      'http://[2606:4700::5efe:7f00:1]/',
      'http://[2606:4700::200:5efe:a00:1]/',
    ],
    ...['http://[::ffff:8.8.8.8]/', 'http://[64:ff9b::8.8.8.8]/'],
  ],
  'private networks': [
    ...[
      'http://10.0.0.1/',
      'http://10.255.255.255/',
      'http://172.16.0.1/',
      'http://172.31.255.255/',
      'http://192.168.0.1/',
    ],
    ...[
      'http://192.168.255.255/',
      'http://3232235777/',
      'http://0xc0a80101/',
      'http://0300.0250.1.1/',
      'http://192.168.257/',
    ],
    ...['http://10.1/', 'http://012.0.0.1/', 'http://167772161/', 'http://100.64.0.1/', 'http://100.127.255.254/'],
    ...['http://[fc00::1]/', 'http://[fd12:3456:789a::1]/', 'http://[fec0::1]/', 'http://router/', 'http://nas.local/'],
    ...['http://git.internal/', 'http://wiki.corp/', 'http://tv.home.arpa/', 'http://printer.lan/', 'http://intranet/'],
  ],
  'link-local and metadata': [
    ...['http://169.254.169.254/latest/meta-data/', 'http://169.254.0.1/', 'http://2852039166/', 'http://0xa9fea9fe/'],
    ...['http://0251.0376.0251.0376/', 'http://169.254.43518/', 'http://169.16689662/', 'http://0xA9.254.0251.254/'],
    ...['http://169.254.169.254./', 'http://[fe80::1]/', 'http://[fe80::a9fe:a9fe]/', 'http://[febf::1]/'],
    ...['http://[fd00:ec2::254]/', 'http://100.100.100.200/', 'http://192.0.0.192/', 'http://168.63.129.16/'],
    ...['http://metadata.google.internal/', 'http://metadata/', 'http://169.254.170.2/', 'http://[fd20:ce::254]/'],
  ],
  'ranges that nobody serves on': [
    ...[
      'http://224.0.0.1/',
      'http://239.255.255.250/',
      'http://255.255.255.255/',
      'http://240.0.0.1/',
      'http://198.18.0.1/',
    ],
    ...['http://192.0.2.1/', 'http://198.51.100.1/', 'http://203.0.113.1/', 'http://192.88.99.1/', 'http://192.0.0.1/'],
    ...[
      'http://[ff02::1]/',
      'http://[ff0e::1]/',
      'http://[2001:db8::1]/',
      'http://[100::1]/',
      'http://[4000::1]/',
      'http://[3fff::1]/',
    ],
  ],
  'other schemes, logins and ports': [
    ...[
      'file:///etc/passwd',
      'ftp://example.com/',
      'gopher://example.com/',
      'data:text/plain,hi',
      'javascript:alert(1)',
    ],
    ...[
      'blob:https://example.com/x',
      'ws://example.com/',
      'unix:///run/docker.sock',
      'about:blank',
      'view-source:https://example.com/',
    ],
    ...[
      'https://user@example.com/',
      'https://user:secret@example.com/',
      'https://example.com@127.0.0.1/',
      'https://:x@example.com/',
    ],
    ...[
      'http://example.com:22/',
      'http://example.com:25/',
      'http://example.com:6379/',
      'http://example.com:11434/',
      'http://example.com:0/',
    ],
    ...[
      '//example.com/',
      'example.com',
      '',
      'http://',
      'http://.../',
      'https://exa mple.com/',
      'http://[::1',
      'http://1.2.3.4.5/',
      'http://256.256.256.256/',
    ],
  ],
}
const ALL = Object.entries(REFUSED).flatMap(([why, urls]) => urls.map((url) => ({ why, url })))

describe('T6 addresses that are not of the public internet', () => {
  test('T6 the table has at least a hundred spellings', () => {
    expect(new Set(ALL.map(({ url }) => url)).size).toBeGreaterThanOrEqual(140)
  })

  test.each(ALL)('T6 refused before anybody is asked ($why): $url', ({ url }) => {
    expect(readUrl(url, [])).toMatchObject({ ok: false })
    // Whom a person has allowed everything is not led there either.
    expect(readUrl(url, ['example.org', '*.example.org'])).toMatchObject({ ok: false })
  })

  test('T6 T5 a host that is named with its port may be asked there, and still leads to no private address', async () => {
    const reach = createReach()
    for (const host of ['127.0.0.1', '169.254.169.254', '10.0.0.1']) {
      expect(readUrl(`http://${host}:9/`, [`${host}:9`])).toMatchObject({ ok: true })
      expect(await reach.find(host, 9)).toMatchObject({ ok: false, error: expect.stringMatching(/may not be reached/) })
    }
  })

  test.each([
    'https://example.com/',
    'http://example.com:8080/a?b=c',
    'https://EXAMPLE.com./',
    'https://1.1.1.1/',
    'https://[2606:4700:4700::1111]/',
    'https://bücher.example.com/',
    'https://192.169.0.1/',
    'https://172.32.0.1/',
    'https://100.128.0.1/',
    'https://internal.example.com/',
  ])('T6 a public URL is read: %s', (url) => {
    expect(readUrl(url, [])).toMatchObject({ ok: true })
  })

  test('T6 all that this machine calls itself is refused, public or not', () => {
    for (const own of Object.values(networkInterfaces()).flatMap((each) => each ?? [])) {
      expect(whyNotPublic(own.address.replace(/%.*/, ''))).not.toBeNull()
    }
  })

  test('T6 a name with one address inside is refused whole, in any order', async () => {
    for (const addresses of [
      ['8.8.8.8', '127.0.0.1'],
      ['127.0.0.1', '8.8.8.8'],
      ['::ffff:10.0.0.1', '8.8.8.8'],
      ['8.8.8.8', 'fe80::1%eth0'],
      ['8.8.8.8', 'nonsense'],
      [],
    ]) {
      const reach = createReach({ resolve: async () => addresses, whyNot: whyNotPublic })
      expect(await reach.find('example.com', 443)).toMatchObject({ ok: false })
    }
    const reach = createReach({ resolve: async () => ['8.8.8.8', '2606:4700::1'], whyNot: whyNotPublic })
    expect(await reach.find('example.com', 443)).toEqual({ ok: true, value: { address: '8.8.8.8', family: 4 } })
  })
})
