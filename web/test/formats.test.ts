// CPF, phones, birth dates, times of day, links and text: what people type in any format, and what the
// server is given.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ageOn, formatBirthDate, parseBirthDate } from '../src/format/birth-date.ts';
import { parseClock } from '../src/format/clock.ts';
import { formatCpf, isCpf } from '../src/format/cpf.ts';
import { pieces } from '../src/format/links.ts';
import { formatPhone, phoneToE164, showPhone } from '../src/format/phone.ts';
import { cleanMessage, deviceOf, initials, scalarLength } from '../src/format/text.ts';

test('CPF: the known valid ones, in any format', () => {
  for (const cpf of ['111.444.777-35', '52998224725', '529.982.247-25', '529 982 247 25']) {
    assert.equal(isCpf(cpf), true, cpf);
  }
  for (const cpf of [
    '111.111.111-11',
    '529.982.247-24',
    '529.982.247-35',
    '5299822472',
    '',
    'abc',
  ]) {
    assert.equal(isCpf(cpf), false, cpf);
  }
});

test('CPF: any single wrong digit is refused', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 1, max: 9 }), (at, add) => {
      const digits = [...'52998224725'].map(Number);
      digits[at] = ((digits[at] as number) + add) % 10;
      return !isCpf(digits.join(''));
    }),
  );
});

test('CPF: formatting keeps the digits and is stable', () => {
  assert.equal(formatCpf('5299'), '529.9');
  assert.equal(formatCpf('52998224725999'), '529.982.247-25');
  fc.assert(
    fc.property(fc.string(), (text) => {
      const once = formatCpf(text);
      return formatCpf(once) === once && once.length <= 14;
    }),
  );
});

test('phone: Brazilian numbers get +55, others keep theirs', () => {
  assert.equal(phoneToE164('(11) 91234-5678'), '+5511912345678');
  assert.equal(phoneToE164('011 91234 5678'), '+5511912345678');
  assert.equal(phoneToE164('+55 11 2345-6789'), '+551123456789');
  assert.equal(phoneToE164('+351 912 345 678'), '+351912345678');
  assert.equal(phoneToE164('00351912345678'), '+351912345678');
});

test('phone: impossible numbers are refused', () => {
  for (const phone of [
    '',
    '1234',
    '(11) 81234-5678',
    '(01) 91234-5678',
    '(11) 6234-5678',
    'onze',
    '+0123456789',
  ]) {
    assert.equal(phoneToE164(phone), null, phone);
  }
});

test('phone: formatted as typed', () => {
  assert.equal(formatPhone('1'), '1');
  assert.equal(formatPhone('1191'), '(11) 91');
  assert.equal(formatPhone('1123456789'), '(11) 2345-6789');
  assert.equal(formatPhone('11912345678'), '(11) 91234-5678');
  assert.equal(formatPhone('+5511912345678'), '+55 (11) 91234-5678');
  assert.equal(formatPhone('+351912'), '+351912');
  assert.equal(showPhone('+5511912345678'), '+55 (11) 91234-5678');
  fc.assert(
    fc.property(fc.stringMatching(/^[+\d() -]{0,20}$/), (text) => {
      const once = formatPhone(text);
      return formatPhone(once) === once;
    }),
  );
});

test('birth date: typed, pasted and impossible', () => {
  assert.equal(formatBirthDate('31121980'), '31/12/1980');
  assert.equal(formatBirthDate('1980-12-31'), '31/12/1980');
  for (const text of ['31/12/1980', '31-12-1980', '31121980', '1980-12-31', ' 31.12.1980 ']) {
    assert.equal(parseBirthDate(text), '1980-12-31', text);
  }
  for (const text of [
    '30/02/1990',
    '00/01/1990',
    '31/04/2001',
    '1/1/90',
    '',
    '01/13/1990',
    '01/01/1700',
  ]) {
    assert.equal(parseBirthDate(text), null, text);
  }
  assert.equal(parseBirthDate('29/02/2000'), '2000-02-29');
  assert.equal(parseBirthDate('29/02/1900'), null);
});

test('age: a birthday counts on its day', () => {
  assert.equal(ageOn('2008-11-22', '2026-11-21'), 17);
  assert.equal(ageOn('2008-11-22', '2026-11-22'), 18);
});

test('times of day', () => {
  assert.equal(parseClock('8'), '08:00');
  assert.equal(parseClock('830'), '08:30');
  assert.equal(parseClock('8h30'), '08:30');
  assert.equal(parseClock('18:05'), '18:05');
  for (const text of ['', '25', '8:60', 'oito', '24:00'])
    assert.equal(parseClock(text), null, text);
});

test('links: only http, https and www, without the sentence around them', () => {
  const links = (text: string) => pieces(text).flatMap((p) => (p.href ? [p.text] : []));
  assert.deepEqual(links('veja https://a.example/x?y=1.'), ['https://a.example/x?y=1']);
  assert.deepEqual(links('(http://a.example/b_(c))'), ['http://a.example/b_(c)']);
  assert.deepEqual(links('www.gov.br/saude, obrigado'), ['www.gov.br/saude']);
  for (const text of [
    'javascript:alert(1)',
    'data:text/html,x',
    'obrigado.eu volto',
    'https://banco.example@mau.example/',
    'http://',
    'ana@www.example',
  ]) {
    assert.deepEqual(links(text), [], text);
  }
});

test('links: the pieces joined are the text, and every address is http or https', () => {
  const word = fc.constantFrom(
    'https://',
    'http://a.b',
    'www.',
    'x.y',
    ')',
    '(',
    '.',
    ' ',
    '<',
    'é',
    '\u2028',
    '@',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), (words) => {
      const text = words.join('');
      const found = pieces(text);
      return (
        found.map((p) => p.text).join('') === text &&
        found.every((p) => p.href === undefined || /^https?:\/\//.test(p.href))
      );
    }),
    { numRuns: 2000 },
  );
});

test('text: lengths in scalar values, no lone surrogates, no blank message', () => {
  assert.equal(scalarLength('a❤️😀'), 4);
  assert.equal(cleanMessage('  oi\r\n'), 'oi');
  assert.equal(cleanMessage('a\ud800b'), 'a\ufffdb');
  assert.equal(cleanMessage('😀'), '😀');
  assert.equal(cleanMessage(' \n\t '), '');
});

test('initials and devices', () => {
  assert.equal(initials('Helena Martins Prado'), 'HP');
  assert.equal(initials('Dra. Ana'), 'A');
  assert.equal(initials('  '), '?');
  assert.deepEqual(deviceOf('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit Chrome/120 Safari/537'), {
    browser: 'Chrome',
    system: 'Linux',
  });
  assert.deepEqual(
    deviceOf('Mozilla/5.0 (iPhone; CPU iPhone OS 17 like Mac OS X) Version/17 Safari/6'),
    {
      browser: 'Safari',
      system: 'iOS',
    },
  );
  assert.equal(deviceOf('curl/8'), null);
});
