// What SPEC section 1 fixes of the province: its 21 branches with their satisfaction scores, and
// its products. Invariant: names and scores are SPEC's own; shares of lines and quality factors
// are ours.

/** A branch (分公司). */
export interface Branch {
  /** the branch's name in every record */
  readonly name: string;
  /** the letters that open its lines' names */
  readonly code: string;
  /** satisfaction score, 0 to 100 */
  readonly score: number;
  /** the score rests on too few samples */
  readonly fewSamples: boolean;
  /** relative number of lines */
  readonly weight: number;
}

/** A product that customers buy lines of. */
export interface Product {
  readonly name: string;
  /** the letters in its lines' names */
  readonly code: string;
  /** relative number of lines */
  readonly weight: number;
  /** mean interruption rate of a line beside that of the other products */
  readonly factor: number;
  readonly circuitType: 'digital' | 'packet' | 'vpn';
  readonly bandwidthsKbps: readonly number[];
  /** alarms come from packet equipment (LINK_DOWN), not from transmission (LOS) */
  readonly packetAlarms: boolean;
  /** complaints per line-month */
  readonly complaintRate: number;
}

function branch(
  name: string,
  code: string,
  score: number,
  weight: number,
  fewSamples = false,
): Branch {
  return { name, code, score, fewSamples, weight };
}

export const BRANCHES: readonly Branch[] = [
  branch('广州', 'GZ', 80, 22),
  branch('深圳', 'SZ', 77.7, 19),
  branch('东莞', 'DG', 73.7, 10),
  branch('佛山', 'FS', 78.9, 9.5),
  branch('珠海', 'ZH', 79.6, 4),
  branch('中山', 'ZS', 79, 4.5),
  branch('江门', 'JM', 81, 4),
  branch('揭阳', 'JY', 84.4, 2),
  branch('湛江', 'ZJ', 84.6, 3),
  branch('清远', 'QY', 87.9, 2),
  branch('汕尾', 'SW', 75, 1.2),
  branch('汕头', 'ST', 81.6, 3.5),
  branch('茂名', 'MM', 89.4, 2),
  branch('阳江', 'YJ', 84.9, 1.4),
  branch('肇庆', 'ZQ', 86, 2.2),
  branch('河源', 'HY', 85.1, 1.4),
  branch('惠州', 'HZ', 85.2, 3.8),
  branch('梅州', 'MZ', 95.2, 1.6),
  branch('韶关', 'SG', 82.6, 2),
  branch('潮州', 'CZ', 71.4, 1.3, true),
  branch('云浮', 'YF', 86.3, 1, true),
];

export const PROVINCIAL_SCORE = 81.5;

export const PRODUCTS: readonly Product[] = [
  {
    name: 'DDN',
    code: 'DDN',
    weight: 34,
    factor: 1.15,
    circuitType: 'digital',
    bandwidthsKbps: [64, 64, 128, 128, 256, 512, 1024, 2048],
    packetAlarms: false,
    complaintRate: 0.0016,
  },
  {
    name: 'Frame Relay',
    code: 'FR',
    weight: 18,
    factor: 1.05,
    circuitType: 'packet',
    bandwidthsKbps: [64, 128, 256, 512, 2048],
    packetAlarms: false,
    complaintRate: 0.0015,
  },
  {
    name: 'SDH/MSTP',
    code: 'SDH',
    weight: 22,
    factor: 0.6,
    circuitType: 'digital',
    bandwidthsKbps: [2048, 2048, 4096, 10_240, 34_368, 155_520],
    packetAlarms: false,
    complaintRate: 0.0008,
  },
  {
    name: 'ATM',
    code: 'ATM',
    weight: 7,
    factor: 0.9,
    circuitType: 'packet',
    bandwidthsKbps: [2048, 4096, 34_368, 155_520],
    packetAlarms: false,
    complaintRate: 0.0012,
  },
  {
    name: 'MPLS VPN',
    code: 'VPN',
    weight: 16,
    factor: 0.95,
    circuitType: 'vpn',
    bandwidthsKbps: [2048, 4096, 10_240, 102_400],
    packetAlarms: true,
    complaintRate: 0.0014,
  },
  {
    name: 'International VPN',
    code: 'IVPN',
    weight: 3,
    factor: 3.4,
    circuitType: 'vpn',
    bandwidthsKbps: [512, 1024, 2048, 4096],
    packetAlarms: true,
    complaintRate: 0.012,
  },
];

/** Splits a count over items by weight: at least one each, then by largest remainders. */
export function sharesOf(items: readonly { readonly weight: number }[], count: number): number[] {
  const total = items.reduce((sum, item) => sum + item.weight, 0);
  const spare = count - items.length;
  const exact = items.map((item) => (item.weight / total) * spare);
  const shares = exact.map((value) => 1 + Math.floor(value));
  const rest = count - shares.reduce((sum, value) => sum + value, 0);
  const byRemainder = exact
    .map((value, index) => ({ index, remainder: value - Math.floor(value) }))
    .toSorted((x, y) => y.remainder - x.remainder || x.index - y.index);
  for (let i = 0; i < rest; i++) shares[byRemainder[i].index]++;
  return shares;
}
