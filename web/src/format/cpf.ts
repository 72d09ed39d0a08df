// CPF, the Brazilian tax id: formatted as it is typed, accepted in any format, checked by its two
// digits before it is sent (the server checks again).

export function cpfDigits(text: string): string {
  return text.replace(/\D/g, '').slice(0, 11);
}

/** "529.982.247-25", as far as typed. */
export function formatCpf(text: string): string {
  const d = cpfDigits(text);
  let out = d.slice(0, 3);
  if (d.length > 3) out += `.${d.slice(3, 6)}`;
  if (d.length > 6) out += `.${d.slice(6, 9)}`;
  if (d.length > 9) out += `-${d.slice(9)}`;
  return out;
}

function checkDigit(digits: string, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += Number(digits[i]) * (count + 1 - i);
  const rest = sum % 11;
  return rest < 2 ? 0 : 11 - rest;
}

export function isCpf(text: string): boolean {
  const d = text.replace(/[\s.\-/]/g, '');
  if (!/^\d{11}$/.test(d) || /^(\d)\1{10}$/.test(d)) return false;
  return checkDigit(d, 9) === Number(d[9]) && checkDigit(d, 10) === Number(d[10]);
}
