// Calls the service through the vendor's Node SDK and prints its response as one line of JSON.
//
// Usage: node call.js CONFIGURATION.json TOKEN_ID v2|v3, with the root certificate to trust in
// NODE_EXTRA_CA_CERTS.
'use strict';

const fs = require('fs');
const cybersource = require('cybersource-rest-client');

const [configurationFile, tokenId, version] = process.argv.slice(2);
const configuration = JSON.parse(fs.readFileSync(configurationFile, 'utf8'));
const api = new cybersource.NetworkTokensApi(configuration, new cybersource.ApiClient());
const request = new cybersource.PostPaymentCredentialsRequest();
request.paymentCredentialType = 'CRYPTOGRAM';
request.transactionType = 'ECOM';

const calls = { v2: 'postTokenPaymentCredentials', v3: 'postTokenPaymentCredentialsV3' };
api[calls[version]](tokenId, request, {}, (error, data, response) => {
  const answer = response || (error && error.response) || {};
  // The v3 method makes an empty object of a JWE; its text is beside it, written as JSON once more.
  let body = answer.text;
  try {
    const inner = JSON.parse(answer.text);
    body = typeof inner === 'string' ? inner : body;
  } catch {
    // It was text after all.
  }
  console.log(JSON.stringify({ body, error: error && (error.message || JSON.stringify(error)) }));
  process.exit(0);
});
