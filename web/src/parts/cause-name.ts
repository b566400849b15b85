// What root causes are called.

import type { Cause } from '../../../src/api/cause-contract.js';
import { words } from '../shell/i18n.js';
import { componentKind } from './component-kinds.js';

const t = words({ unknownCause: ['unknown shared cause', '未知共同原因'] });

/** "card GZ-1/3"; an unknown cause in words. */
export function componentName({ kind, name }: Cause['components'][number]): string {
  return kind === 'unknown' ? t('unknownCause') : `${componentKind(kind)} ${name}`;
}

/** Kind and name, where the name has a number: "power failure" is no component but words of the stream. */
const COMPONENT = /^(\S+) (\S*\d\S*)$/;

/** A cause told as "card GZ-1/3" in the page's words; words of the stream stay as they are. */
export function toldCause(told: string): string {
  const [, kind, name] = COMPONENT.exec(told) ?? [];
  return kind === undefined ? told : `${componentKind(kind)} ${name}`;
}

/** What a cause is put down to: the components that cannot be told apart. */
export function causeName({ components }: Pick<Cause, 'components'>): string {
  return components.map(componentName).join(' = ');
}
