// TLS and SASL for the real broker: a certificate authority and a node's certificate, made for one test
// by openssl, and the settings of a listener that asks for both. One user, by every mechanism.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const USER = 'alice';
export const PASSWORD = 'wonderland-7';
export const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'OAUTHBEARER'] as const;

/** The certificates of a cluster. */
export interface Security {
  /** The authority's certificate, by which clients know the nodes. */
  readonly caFile: string;
  /** A node's key and certificate. */
  readonly nodeFile: string;
}

/** True where certificates can be made. */
export function hasOpenssl(): boolean {
  return spawnSync('openssl', ['version']).status === 0;
}

function openssl(folder: string, ...args: string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
}

/** Makes the certificates in a folder. */
export function makeSecurity(folder: string): Security {
  const key = ['-newkey', 'rsa:2048', '-nodes'];
  const ca = ['-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=flapline-test-ca'];
  openssl(folder, 'req', '-x509', ...key, ...ca, '-days', '2');
  const node = ['-keyout', 'node.key', '-out', 'node.csr', '-subj', '/CN=localhost'];
  openssl(folder, 'req', ...key, ...node);
  writeFileSync(join(folder, 'names.ext'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names.ext'];
  openssl(folder, 'x509', '-req', '-in', 'node.csr', ...by, '-out', 'node.pem', '-days', '2');
  const nodeFile = join(folder, 'node-and-key.pem');
  const parts = ['node.key', 'node.pem'].map((name) => readFileSync(join(folder, name), 'utf8'));
  writeFileSync(nodeFile, parts.join(''));
  return { caFile: join(folder, 'ca.pem'), nodeFile };
}

/** What a node needs when its folder is formatted: users by SCRAM stand in the cluster's metadata. */
export const FORMAT_ARGS = [
  '--add-scram',
  `SCRAM-SHA-256=[name=${USER},password=${PASSWORD}]`,
] as const;

function module(name: string, rest = ''): string {
  return `org.apache.kafka.common.security.${name} required${rest};`;
}

/** Settings of the listener SECURE. */
export function listenerSettings({ nodeFile }: Security): Record<string, string> {
  const listener = 'listener.name.secure';
  return {
    [`${listener}.ssl.keystore.type`]: 'PEM',
    [`${listener}.ssl.keystore.location`]: nodeFile,
    [`${listener}.sasl.enabled.mechanisms`]: MECHANISMS.join(','),
    [`${listener}.plain.sasl.jaas.config`]: module(
      'plain.PlainLoginModule',
      ` user_${USER}="${PASSWORD}"`,
    ),
    [`${listener}.scram-sha-256.sasl.jaas.config`]: module('scram.ScramLoginModule'),
    [`${listener}.oauthbearer.sasl.jaas.config`]: module(
      'oauthbearer.OAuthBearerLoginModule',
      ' unsecuredLoginStringClaim_sub="kafka"',
    ),
  };
}
