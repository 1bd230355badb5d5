// Encrypted responses and requests made by the npm package `jose` (panva); other bytes at every run.
// `requests` or `answers` as an argument makes these alone.
// The package is looked up from the current folder, so that node_modules need not lie beside the vectors.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(join(process.cwd(), "package.json"));
const jose = await import(pathToFileURL(require.resolve("jose")));
const { version } = JSON.parse(readFileSync(join(process.cwd(), "node_modules/jose/package.json")));

const read = (path) => readFileSync(join(root, "../jwe", path), "utf8");
const kids = JSON.parse(read("keys/kids.json"));

// Which stored key stands for which of the two that people confuse.
const [response, credentials] = ["merchant-3072", "merchant"];

// The key of the service's certificate in ../../keystores/loads/service.pem, and its key id.
const service = "merchant-next";
kids[service] = "1700000000000000000033";
const request = '{"paymentCredentialType":"CRYPTOGRAM","transactionType":"ECOM"}';

async function seal(plaintext, name) {
  const more = name === credentials ? { cty: "json", typ: "JWT" } : { cty: "JWT", iat: 1767225600 };
  const header = { alg: "RSA-OAEP-256", enc: "A256GCM", kid: kids[name], ...more };
  const key = await jose.importSPKI(read(`keys/${name}.public.pem`), header.alg);
  return new jose.CompactEncrypt(new TextEncoder().encode(plaintext)).setProtectedHeader(header).encrypt(key);
}

function write(folder, body, about) {
  mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, folder, "body.json"), JSON.stringify(body));
  writeFileSync(join(root, folder, "about.json"), `${JSON.stringify({ maker: "jose", version, ...about })}\n`);
}

async function answers() {
  const visa = read("generate/payloads/visa-v3.json");
  const inner = await seal(visa, credentials);
  const error = JSON.stringify({ errors: [{ type: "notFound", message: "Token not found" }] });
  const shapes = { json: visa, jwe: inner, "quoted-jwe": JSON.stringify(inner), error };
  for (const [shape, plaintext] of Object.entries(shapes)) {
    const encryptedResponse = await seal(plaintext, response);
    write(`answers/jose-${shape}`, { encryptedResponse }, { status: shape === "error" ? 404 : 201 });
  }
}

async function requests() {
  write("requests/jose", { encryptedRequest: await seal(request, service) });
}

const asked = process.argv.slice(2);
for (const what of asked.length ? asked : ["answers", "requests"]) await { answers, requests }[what]();
