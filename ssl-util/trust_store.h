#ifndef SSL_UTIL_TRUST_STORE_H
#define SSL_UTIL_TRUST_STORE_H
/*
 * A trust store: one PEM file, or a folder whose files *.pem, *.crt and *.cer
 * count. What stands between the certificates stays as it is.
 */
#include <openssl/x509.h>

#include "base/arena.h"
#include "base/buf.h"
#include "path.h"

#define TRUST_STORE_CERTS_MAX 2000

struct trust_store_cert {
	X509 *cert;       /* owned */
	const char *file; /* where it stands */
	size_t from, to;  /* its bytes there */
};
struct trust_store {
	char path[PATH_BYTES];
	struct arena *arena; /* borrowed */
	bool is_folder;
	bool is_there;
	struct trust_store_cert *certs; /* in order */
	size_t count;
	size_t capacity;
};

/*
 * Reads it; one that is not there yet is empty. `out` is all zero before, and
 * ended with trust_store_end also after a failure. ERR_INPUT names the
 * certificate that is damaged; ERR_NOT_FOUND when not even the folder of a
 * file is there, ERR_FORBIDDEN and others of files.
 */
enum err_code trust_store_read(const char *path, struct arena *arena,
    struct trust_store *out, struct err *err) WARN_UNUSED;
void trust_store_end(struct trust_store *store); /* for CLEANUP */
/* Its place in the list, or -1. */
int trust_store_find(const struct trust_store *store, const X509 *cert);
/*
 * Appended to the file, or a new file of the folder: in one step, with the
 * mode and owner of the old one (0644 if new, never writable by others).
 * The list is as before: read it anew.
 */
enum err_code trust_store_add(const struct trust_store *store,
    const STACK_OF(X509) * certs, struct err *err) WARN_UNUSED;
/* Those with is_marked[i] go; a file of a folder that is empty then, too. */
enum err_code trust_store_remove(const struct trust_store *store,
    const bool *is_marked, struct err *err) WARN_UNUSED;

#endif
