// Vectors made by the npm packages `jose` (panva) and `node-jose`. They draw keys and IVs afresh at every run.
// Packages are looked up from the current folder, so that node_modules need not lie beside the vectors.

import { createPublicKey } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(join(process.cwd(), "package.json"));
const jose = await import(pathToFileURL(require.resolve("jose")));
const nodeJose = require("node-jose");

const read = (path) => readFileSync(join(root, path));
const kids = JSON.parse(read("keys/kids.json"));
const version = (maker) =>
  JSON.parse(readFileSync(join(process.cwd(), "node_modules", maker, "package.json"))).version;

/** The protected header as the service orders it; a change of undefined takes the member out. */
function header(key = "merchant", changes = {}) {
  const members = { kid: kids[key], cty: "json", typ: "JWT", enc: "A256GCM", alg: "RSA-OAEP-256", ...changes };
  return JSON.parse(JSON.stringify(members));
}

const sealedHeader = (token) => JSON.parse(Buffer.from(token.split(".")[0], "base64url"));

function write(folder, files) {
  rmSync(join(root, folder), { recursive: true, force: true });
  mkdirSync(join(root, folder), { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(root, folder, name), content);
}

function about(maker, token, more = {}) {
  const members = sealedHeader(token);
  const said = { maker, version: version(maker), alg: members.alg, enc: members.enc, header: members, ...more };
  return JSON.stringify(said, null, 2) + "\n";
}

/** Both makers as functions from header, plaintext and public key (PEM) to a compact token. */
const seal = {
  jose: (members, plaintext, pem) =>
    new jose.CompactEncrypt(plaintext).setProtectedHeader(members).encrypt(createPublicKey(pem)),
  "node-jose": async (members, plaintext, pem) => {
    const key = await nodeJose.JWK.asKey(pem, "pem");
    const options = { format: "compact", contentAlg: members.enc, fields: members };
    return nodeJose.JWE.createEncrypt(options, { key, reference: false }).update(plaintext).final();
  },
};

async function good(maker, name, members, { payload = "visa-v3", key = "merchant" } = {}) {
  const plaintext = read(`generate/payloads/${payload}.json`);
  const token = await seal[maker](members, plaintext, read(`keys/${key}.public.pem`));
  write(`opens/${maker}-${name}`, {
    "token.jwe": token,
    "plaintext.json": plaintext,
    key: `${key}.pkcs8.pem`,
    "about.json": about(maker, token),
  });
}

async function bad(maker, name, stage, why, members, sealedFor = read("keys/merchant.public.pem")) {
  const token = await seal[maker](members, read("generate/payloads/visa-v3.json"), sealedFor);
  write(`refused/${maker}-${name}`, {
    "token.jwe": token,
    key: "merchant.pkcs8.pem",
    "about.json": about(maker, token, { stage, why }),
  });
}

await good("jose", "visa-v3", header());
await good("jose", "no-kid", header("merchant", { kid: undefined }));
await good("jose", "empty-object", header(), { payload: "empty-object" });
await good("jose", "rsa-4096", header("merchant-4096"), { key: "merchant-4096" });

await good("node-jose", "visa-v3", header());
await good("node-jose", "no-kid", header("merchant", { kid: undefined }));
await good("node-jose", "utf8", header(), { payload: "utf8" });
await good("node-jose", "rsa-3072", header("merchant-3072"), { key: "merchant-3072" });

const other = (changes) => header("merchant", changes);
const ec = createPublicKey(read("keys/ec-p256.pkcs8.pem")).export({ type: "spki", format: "pem" });
await bad("jose", "rsa-oaep-384", "header", "OAEP with SHA-384", other({ alg: "RSA-OAEP-384" }));
await bad("jose", "rsa-oaep-512", "header", "OAEP with SHA-512", other({ alg: "RSA-OAEP-512" }));
await bad("jose", "ecdh-es-a256kw", "header", "a key to wrap the content key agreed with ec-p256",
  other({ alg: "ECDH-ES+A256KW" }), ec);
await bad("jose", "a128cbc-hs256", "header", "content sealed with CBC and HMAC", other({ enc: "A128CBC-HS256" }));
await bad("jose", "other-key-same-kid", "crypto", "sealed for merchant-next, under the kid of merchant",
  other({}), read("keys/merchant-next.public.pem"));
await bad("node-jose", "rsa1-5", "header", "PKCS#1 v1.5 padding", other({ alg: "RSA1_5" }));
await bad("node-jose", "a192gcm", "header", "content sealed with AES-192", other({ enc: "A192GCM" }));
