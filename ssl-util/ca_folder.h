#ifndef SSL_UTIL_CA_FOLDER_H
#define SSL_UTIL_CA_FOLDER_H
/* What lies in the folder of a private authority. For ca*.c only. */
#include <openssl/x509.h>

#include "base/arena.h"
#include "base/secret.h"
#include "options.h"

struct ca_entry {
	char status;        /* 'V' or 'R' */
	struct str expiry;  /* "YYMMDDHHMMSSZ" */
	struct str revoked; /* the same, then ",reason"; or empty */
	struct str serial;  /* hexadecimal, capitals */
	struct str subject;
};

struct ca {
	struct arena *arena; /* owned: texts and entries live in it */
	const char *folder;
	X509 *cert;
	EVP_PKEY *key;
	const char *crl_url; /* or NULL */
	struct ca_entry *entries;
	size_t entry_count;
	size_t entry_capacity;
	int lock;
};

void ca_close(struct ca *ca); /* for CLEANUP */
/* Locks the folder and reads all of it. */
enum err_code ca_open(
    const struct options *options, struct ca *out, struct err *err) WARN_UNUSED;
/* The path of a file in the folder. */
enum err_code ca_path(const char *folder, const char *name,
    char out[OPTIONS_PATH_BYTES], struct err *err) WARN_UNUSED;
/* One more line, in memory. */
enum err_code ca_add(
    struct ca *ca, const X509 *cert, struct err *err) WARN_UNUSED;
/* NULL: not of ours. */
struct ca_entry *ca_find(struct ca *ca, struct str serial);
/* "0A1B…" in the arena; NULL without memory. */
const char *ca_serial(struct ca *ca, const X509 *cert);
/* Writes index.txt in one step. */
enum err_code ca_save(const struct ca *ca, struct err *err) WARN_UNUSED;
/* ca_list.c: signs crl.pem and crl.der anew. */
enum err_code ca_list_write(
    const struct ca *ca, uint32_t days, struct err *err) WARN_UNUSED;
/* ca_list.c: a word RFC 5280 knows, or ERR_INPUT with those there are. */
enum err_code ca_list_reason(
    const char *word, int *out, struct err *err) WARN_UNUSED;
/* ca_p12.c: the new key and certificate as one file, for phones. */
struct ca_p12 {
	const char *path;
	const struct secret *password;
	bool compat;
};
/* Before anything is signed: may --p12 be written, and its password. */
enum err_code ca_p12_prepare(const struct options *options, struct secret *out,
    struct err *err) WARN_UNUSED;
/* With the authority's certificate. ERR_CONFIG as of export_p12. */
enum err_code ca_p12_write(const struct ca *ca, X509 *cert, EVP_PKEY *key,
    const struct ca_p12 *what, struct err *err) WARN_UNUSED;

#endif
