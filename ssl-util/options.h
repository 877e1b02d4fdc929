#ifndef SSL_UTIL_OPTIONS_H
#define SSL_UTIL_OPTIONS_H
/* The command line of iwebmsg-ssl as one struct. Borrows argv. */
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define OPTIONS_SANS_MAX   100
#define OPTIONS_FILES_MAX  20
#define OPTIONS_PATH_BYTES 1024

enum options_command {
	OPTIONS_HELP,
	OPTIONS_VERSION,
	OPTIONS_SELFSIGNED,
	OPTIONS_CSR,
	OPTIONS_SHOW,
	OPTIONS_CHECK,
	OPTIONS_IMPORT,
	OPTIONS_EXPORT,
	OPTIONS_PASSWORD,
	OPTIONS_CA_INIT,
	OPTIONS_CA_ISSUE,
	OPTIONS_CA_REVOKE,
	OPTIONS_CA_CRL,
	OPTIONS_TRUST_ADD,
	OPTIONS_TRUST_LIST,
	OPTIONS_TRUST_REMOVE,
	OPTIONS_TRUST_TEST,
	OPTIONS_TRUST_FETCH,
	OPTIONS_CONFIGURE,
	OPTIONS_SETUP,
	OPTIONS_WIZARD
};

struct options {
	enum options_command command;
	struct str name;                   /* CN and first SAN */
	char name_ascii[256];              /* of a name in another alphabet */
	struct str sans[OPTIONS_SANS_MAX]; /* "dns:…", "ip:…", "email:…" */
	size_t san_count;
	struct str organization; /* empty: none */
	struct str key_kind;     /* "ec:p256" */
	uint32_t days;
	const char *files[OPTIONS_FILES_MAX]; /* words without "--" */
	size_t file_count;
	const char *out_dir;
	bool key_is_given; /* --key-file was said: an existing one is used */
	char key_path[OPTIONS_PATH_BYTES];
	char out_path[OPTIONS_PATH_BYTES]; /* certificate or request */
	/* NULL: not said. */
	const char *config;
	const char *root;              /* --root: more trusted authorities */
	const char *password_file;     /* of our key */
	const char *in_password_file;  /* import: of the PKCS#12 file */
	const char *out_password_file; /* export: of the PKCS#12 file */
	const char *new_password_file; /* password: the next one */
	const char *format;            /* export */
	const char *out;               /* export: the new file */
	const char *ca_dir;
	const char *csr;         /* ca issue: the request */
	const char *crl_url;     /* ca init */
	const char *purpose;     /* ca issue: server or client */
	const char *p12;         /* ca issue: key and certificate in one */
	const char *serial;      /* ca revoke, hexadecimal */
	const char *reason;      /* ca revoke */
	const char *topic;       /* --help: of this command; NULL: of all */
	const char *store;       /* trust: "clients" or "mail" */
	const char *file;        /* trust: the store, when no ini says it */
	const char *host;        /* the [Host NAME] section */
	const char *starttls;    /* trust fetch, check: "imap" or "smtp" */
	const char *fingerprint; /* trust fetch: what is stored unasked */
	/* configure and setup: values of keys */
	const char *protocol, *strength, *ciphers, *suites;
	const char *verify_client, *trust_store, *enable_ssl, *force_ssl;
	const char *mail_trust_store, *acme_webroot;
	bool force, compat, with_key, remove;
	bool yes;         /* nothing is asked */
	bool any_ini;     /* also one that no running server uses */
	bool json;        /* check: for scripts */
	bool fetch_chain; /* import: a missing issuer, from where it says */
	bool fips;        /* all cryptography from OpenSSL's FIPS provider */
};

/* ERR_INPUT: what is wrong and what is allowed. */
enum err_code options_parse(
    int argc, char **argv, struct options *out, struct err *err) WARN_UNUSED;

/*
 * One option with its value (NULL for a flag). For options.c only.
 */
enum err_code options_take(struct options *out, struct str option,
    const char *value, struct err *err) WARN_UNUSED;
/* Does the command know it ("--option" or "--option=value")? */
bool options_has(enum options_command command, struct str option);
bool options_is_flag(struct str option);
/* A host's --name in the form of the DNS (see idn.h). ERR_INPUT. */
enum err_code options_name_to_ascii(
    struct options *out, struct err *err) WARN_UNUSED;
/* What trust, configure and setup need of each other's options. */
enum err_code options_fill_trust(
    struct options *out, struct err *err) WARN_UNUSED;
enum err_code options_fill_configure(
    struct options *out, struct err *err) WARN_UNUSED;
enum err_code options_fill_setup(
    struct options *out, struct err *err) WARN_UNUSED;
/* "folder/name", or "name" when folder is NULL. For options.c only. */
enum err_code options_path(char *out, const char *folder, const char *name,
    struct err *err) WARN_UNUSED;

#endif
