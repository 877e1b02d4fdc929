#ifndef MAIN_FILES_H
#define MAIN_FILES_H
/*
 * The files of certificates, keys and trust that an ini file names, each read
 * once for all sites that name it. Used by the main thread only.
 */
#include "base/secret.h"
#include "mail/mail.h"
#include "main_door.h"

enum main_file_kind {
	MAIN_FILE_PEM,     /* certificates; DER becomes PEM */
	MAIN_FILE_TRUST,   /* the same; a folder, too */
	MAIN_FILE_CRL,     /* revocation lists; DER becomes PEM */
	MAIN_FILE_BYTES,   /* as they are */
	MAIN_FILE_KEY,     /* a secret, not readable by others */
	MAIN_FILE_PASSWORD /* likewise; its first line */
};

/* One file that was read; empty and NULL for a key that says nothing. */
struct main_file {
	struct main_file *next;
	struct str path;
	enum main_file_kind kind;
	struct str text;      /* in the arena of the files */
	struct secret secret; /* for KEY and PASSWORD */
};

struct main_files {
	const struct main_door *door; /* borrowed */
	const struct config *cfg;     /* borrowed */
	struct arena *arena;          /* owned */
	struct main_file *first;
	/* Mail servers that were made of them (main_tls_mail); counted. */
	struct mail_server **servers;
	size_t server_count, server_capacity;
};

/* Who names the file: for messages. */
struct main_file_key {
	const struct config_site *site;
	const char *name; /* of the key */
	struct str path;
	enum main_file_kind kind;
};

enum err_code main_files_init(struct main_files *files,
    const struct main_door *door, const struct config *cfg,
    struct err *err) WARN_UNUSED;
void main_files_end(struct main_files *files); /* wipes the secrets */
/*
 * Reads it, or gives what was read before; an empty path gives an empty file.
 * Lives until main_files_end. Messages begin as main_files_fail makes them.
 */
enum err_code main_files_read(struct main_files *files,
    const struct main_file_key *key, const struct main_file **out,
    struct err *err) WARN_UNUSED;
/*
 * Puts "FILE:LINE: KEY: " before the message, where FILE is the ini file, and
 * what to do behind it when rc is ERR_NOT_FOUND. Returns ERR_CONFIG, or
 * ERR_NO_MEMORY as it is.
 */
enum err_code main_files_fail(const struct config *cfg,
    const struct config_site *site, const char *name, enum err_code rc,
    struct err *err);

#endif
