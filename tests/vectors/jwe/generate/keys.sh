#!/bin/sh
# Makes the keys of ../keys with OpenSSL 3. They are for tests only and guard nothing.
# Existing keys are kept: every token in this folder is sealed for them.
set -eu
cd "$(dirname "$0")/../keys"

fresh() {
    [ ! -e "$1" ] || { echo "kept $1"; return 1; }
}

# Keys that open: name, then bits.
while read -r name bits; do
    fresh "$name.pkcs8.pem" || continue
    openssl genpkey -quiet -algorithm RSA -pkeyopt "rsa_keygen_bits:$bits" -out "$name.pkcs8.pem"
    openssl rsa -in "$name.pkcs8.pem" -traditional -out "$name.pkcs1.pem"
    openssl pkey -in "$name.pkcs8.pem" -pubout -out "$name.public.pem"
done <<LIST
merchant 2048
merchant-next 2048
merchant-3072 3072
merchant-4096 4096
LIST

# Keys and files that a key loader must refuse.
! fresh weak-1024.pkcs8.pem ||
    openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out weak-1024.pkcs8.pem
! fresh ec-p256.pkcs8.pem ||
    openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec-p256.pkcs8.pem
! fresh ed25519.pkcs8.pem ||
    openssl genpkey -quiet -algorithm ED25519 -out ed25519.pkcs8.pem
! fresh rsa-pss.pkcs8.pem ||
    openssl genpkey -quiet -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out rsa-pss.pkcs8.pem
! fresh merchant.encrypted.pkcs8.pem ||
    openssl pkcs8 -topk8 -in merchant.pkcs8.pem -passout pass:test -out merchant.encrypted.pkcs8.pem
! fresh certificate.pem ||
    openssl req -x509 -new -key merchant.pkcs8.pem -subj '/CN=Test only' -days 36500 -out certificate.pem

# A key id is 40 hex digits: here the first 20 bytes of SHA-256 over the public key (SPKI, DER).
{
    echo '{'
    comma=
    for name in merchant merchant-next merchant-3072 merchant-4096; do
        kid=$(openssl pkey -pubin -in "$name.public.pem" -outform DER | openssl dgst -sha256 -r | cut -c1-40)
        printf '%b  "%s": "%s"' "$comma" "$name" "$kid"
        comma=',\n'
    done
    printf '\n}\n'
} > kids.json
