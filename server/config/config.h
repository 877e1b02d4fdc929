#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H
/*
 * iwebmsg.ini as one immutable struct, made from one table of keys
 * (config_keys.def). A reload builds a new one; who uses one holds a count.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* CHOICE values. */
enum config_tls_version {
	CONFIG_TLS_1_2,
	CONFIG_TLS_1_3
};
enum config_security {
	CONFIG_SECURITY_TLS,
	CONFIG_SECURITY_STARTTLS,
	CONFIG_SECURITY_NONE
};
enum config_strength {
	CONFIG_STRENGTH_INTERMEDIATE,
	CONFIG_STRENGTH_MODERN,
	CONFIG_STRENGTH_CUSTOM
};
enum config_verify_client {
	CONFIG_VERIFY_CLIENT_NONE,
	CONFIG_VERIFY_CLIENT_OPTIONAL,
	CONFIG_VERIFY_CLIENT_REQUIRED,
	CONFIG_VERIFY_CLIENT_EXPLAIN
};
enum config_verify_server {
	CONFIG_VERIFY_SERVER_FULL,
	CONFIG_VERIFY_SERVER_CHAIN,
	CONFIG_VERIFY_SERVER_OFF
};
enum config_stale_crl {
	CONFIG_STALE_CRL_REFUSE,
	CONFIG_STALE_CRL_ACCEPT
};
enum config_cert_user {
	CONFIG_CERT_USER_NONE,
	CONFIG_CERT_USER_EMAIL,
	CONFIG_CERT_USER_CN
};
enum config_auth {
	CONFIG_AUTH_PASSWORD,
	CONFIG_AUTH_EXTERNAL
};
enum config_log_level {
	CONFIG_LOG_DEBUG,
	CONFIG_LOG_INFO,
	CONFIG_LOG_WARN,
	CONFIG_LOG_ERROR
};
enum config_log_target {
	CONFIG_LOG_STDERR,
	CONFIG_LOG_JOURNAL,
	CONFIG_LOG_FILE
};

/* C types of the table's types. Texts and paths are NUL-terminated too. */
#define CONFIG_TYPE_BOOL     bool
#define CONFIG_TYPE_U32      uint32_t
#define CONFIG_TYPE_PORT     uint16_t
#define CONFIG_TYPE_DURATION int64_t
#define CONFIG_TYPE_BYTES    uint64_t
#define CONFIG_TYPE_TEXT     struct str
#define CONFIG_TYPE_PATH     struct str
#define CONFIG_TYPE_CHOICE   int

/* What a [Host name] section may say differently. */
struct config_site {
	struct str host; /* lower case, without port; empty: all others */
#define KEY(section, name, field, type, def, min, max, help)
#define SITE(section, name, field, type, def, min, max, help) \
	CONFIG_TYPE_##type field;
#include "config/config_keys.def"
#undef KEY
#undef SITE
};

/* In the table's order, which is for people. */
/* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): one per reload */
struct config {
	struct str path; /* of the ini file, absolute */
#define KEY(section, name, field, type, def, min, max, help) \
	CONFIG_TYPE_##type field;
#define SITE(section, name, field, type, def, min, max, help)
#include "config/config_keys.def"
#undef KEY
#undef SITE
	struct config_site site;   /* for every host without a section */
	struct config_site *hosts; /* one per [Host name] */
	size_t host_count;
	/*
	 * One per [Domain name]: mail servers of login names of that domain;
	 * `host` is the domain. Only the keys of [Mail] differ from `site`.
	 */
	struct config_site *domains;
	size_t domain_count;
};

/*
 * What was wrong or worth saying, for a person: "iwebmsg.ini:12: …". Lives in
 * the config's own memory or the arena given to config_parse.
 */
struct config_note {
	bool is_error;
	uint32_t line;   /* 0: no line */
	struct str text; /* "FILE:LINE: what is wrong; what is allowed" */
};
struct config_notes {
	struct config_note *notes;
	size_t count;
};

/*
 * Parses the bytes of an ini file. Section and key names ignore case; CRLF
 * and BOM are read; EnableSSL and ForceSSL are taken from any section or
 * none. Unknown keys and sections (with the nearest spelling), bad values and
 * combinations that cannot be (ForceSSL without EnableSSL, EnableSSL without
 * a certificate) are errors, except in an old IWebMsg.ini (recognised by its
 * file name, case ignored, or by sections/keys of old: see config_old.c),
 * whose other keys are listed as not used.
 *
 * path    absolute; for messages and relative paths
 * notes   live in `arena`
 * ERR_CONFIG when there is any error note; *out is then NULL.
 */
enum err_code config_parse(struct str path, struct str bytes,
    struct arena *arena, struct config_notes *out_notes,
    const struct config **out, struct err *err) WARN_UNUSED;
/* All defaults, as an empty file gives. */
const struct config *config_defaults(struct err *err);

/* The line of the ini file that says this key; 0: none does. */
uint32_t config_line_of(const struct config *cfg, struct str name);
/* The same for a site: its own section's line, else that for all. */
uint32_t config_line_of_site(
    const struct config *cfg, const struct config_site *site, struct str name);

const struct config *config_ref(const struct config *cfg);
void config_unref(const struct config *cfg);

/* The site of a Host header ("name", "name:port", "[::1]:80"). Never NULL. */
const struct config_site *config_site_get(
    const struct config *cfg, struct str host_header);

/*
 * Whose mail servers a login name has: the [Domain] section of its domain
 * (DefaultDomain for one without @) when `site` is the one for every host,
 * else `site` itself. Upper and lower case are the same, in any alphabet.
 * Never NULL.
 */
const struct config_site *config_mail_site(
    const struct config *cfg, const struct config_site *site, struct str login);

/* Both have the same mail servers, reached and trusted in the same way. */
bool config_same_mail(const struct config_site *a, const struct config_site *b);
/* Both trust mail servers in the same way and show the same certificate. */
bool config_same_trust(
    const struct config_site *a, const struct config_site *b);

/*
 * ImapKeyPin, SmtpKeyPin: the SHA-256 of a public key in 64 hex digits (any
 * case, colons between bytes allowed) or in Base64 (with or without padding,
 * "sha256/" or "sha256//" before it allowed). False: neither.
 */
#define CONFIG_PIN_BYTES 32
bool config_pin(struct str value, unsigned char out[CONFIG_PIN_BYTES]);

/*
 * Every file that holds a certificate, key, password, trust, revocation list
 * or OCSP response, of all sites; a path that several keys name is told as
 * often. `may_be_folder`: the key takes a folder of PEM files, too.
 */
typedef void config_file_fn(
    void *ctx, const char *key, struct str path, bool may_be_folder);
void config_files(const struct config *cfg, config_file_fn *fn, void *ctx);

/* The sample file, and the manual's list of keys (roff), from the table. */
void config_write_sample(struct buf *out);
void config_write_manual(struct buf *out);
/* What needs a restart between two configurations: names, comma separated. */
void config_restart_needed(
    const struct config *before, const struct config *after, struct buf *out);
/*
 * Puts the running values of those settings into `fresh`, which nobody but
 * the caller holds yet, so that what runs and what cfg says agree. Returns
 * `fresh`, or NULL without memory.
 */
const struct config *config_restart_keep(
    const struct config *running, const struct config *fresh);

#endif
