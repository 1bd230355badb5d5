// Seals or opens one JWE with the npm package `jose`, which is not the one that the SDK brings along.
//
// Reads {"seal": {"header", "plaintext", "key"}} or {"open": {"jwe", "key"}} from standard input, each
// key a PEM, and prints {"jwe"} or {"header", "plaintext"}.
'use strict';

const { createPrivateKey, createPublicKey } = require('crypto');
const { readFileSync } = require('fs');
const { pathToFileURL } = require('url');

async function main({ seal, open }) {
  const jose = await import(pathToFileURL(require.resolve('jose')));
  if (seal) {
    const plaintext = new TextEncoder().encode(seal.plaintext);
    const sealing = new jose.CompactEncrypt(plaintext).setProtectedHeader(seal.header);
    return { jwe: await sealing.encrypt(createPublicKey(seal.key)) };
  }
  const opened = await jose.compactDecrypt(open.jwe, createPrivateKey(open.key));
  return { header: opened.protectedHeader, plaintext: new TextDecoder().decode(opened.plaintext) };
}

main(JSON.parse(readFileSync(0, 'utf8'))).then((answer) => console.log(JSON.stringify(answer)));
