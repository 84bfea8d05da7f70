#!/bin/sh
# OpenSSL with what SQLCipher calls, and little more: AES-256-CBC, HMAC, PBKDF2, SHA-2 and random
# numbers. The build of the crate openssl-src starts this in the place of perl (OPENSSL_SRC_PERL,
# set in .cargo/config.toml), to configure OpenSSL and for nothing else. TLS is not OpenSSL's here.
if [ "$1" = ./Configure ]; then
    # Its own flags (optimisation among them) stand only where the environment has none.
    unset CFLAGS
    # Code that nothing calls can go at linking only where each function has its section. Nothing
    # unwinds through C.
    set -- "$@" -Os -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables
    for part in apps argon2 aria async autoload-config bf blake2 cast chacha cmac cmp cms ct deprecated \
        des dgram dh docs dsa ec engine err filenames gost http md4 mdc2 ml-dsa ml-kem multiblock \
        nextprotoneg ocb ocsp poly1305 psk quic rc2 rc4 rfc3779 rmd160 scrypt siphash siv slh-dsa sm2 \
        sm3 sm4 sock srp srtp thread-pool tls ts ui-console whirlpool; do
        set -- "$@" "no-$part"
    done
    # Half of what was left was AES-GCM for AVX-512, which SQLCipher does not use and no option
    # leaves out. The folder is a copy that is built once.
    sed -i.orig 's/^if (\$avx512vaes>0)/if (0)/' crypto/modes/asm/aes-gcm-avx512.pl
fi
exec perl "$@"
