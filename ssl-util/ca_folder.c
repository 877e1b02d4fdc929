#include "ca_folder.h"

#include <fcntl.h>
#include <openssl/bn.h>
#include <sys/file.h>
#include <unistd.h>

#include "key.h"
#include "load.h"
#include "os/file.h"
#include "own.h"

#define ARENA_BYTES ((size_t)64 << 20)
#define INDEX_BYTES ((size_t)16 << 20)

void
ca_close(struct ca *ca)
{
	own_cert_free(&ca->cert);
	key_free(&ca->key);
	arena_free(ca->arena);
	ca->arena = NULL;
	file_close(&ca->lock);
}

enum err_code
ca_path(const char *folder, const char *name, char out[OPTIONS_PATH_BYTES],
    struct err *err)
{
	return options_path(out, folder, name, err);
}

/* Ends with the descriptor, so a killed one leaves nothing behind. */
static enum err_code
lock_folder(struct ca *ca, struct err *err)
{
	char path[OPTIONS_PATH_BYTES];
	enum err_code rc = ca_path(ca->folder, "lock", path, err);

	if (rc == ERR_OK)
		rc = file_create(path, 0600, &ca->lock, err);
	if (rc == ERR_OK && flock(ca->lock, LOCK_EX | LOCK_NB) != 0)
		rc = err_sayf(err, ERR_BUSY,
		    "Another iwebmsg-ssl works in %s. Try again.", ca->folder);
	return rc;
}

static bool
read_line(struct ca *ca, struct str line)
{
	struct ca_entry entry;
	struct ca_entry *grown = arena_grow(ca->arena, ca->entries,
	    ca->entry_count, &ca->entry_capacity, sizeof(*grown));
	struct str status = str_cut(&line, '\t');

	entry.expiry = str_cut(&line, '\t');
	entry.revoked = str_cut(&line, '\t');
	entry.serial = str_cut(&line, '\t');
	(void)str_cut(&line, '\t'); /* openssl-ca's file name, "unknown" */
	entry.subject = line;
	if (grown == NULL || status.len != 1 || entry.serial.len == 0 ||
	    line.ptr == NULL)
		return false;
	entry.status = status.ptr[0];
	ca->entries = grown;
	ca->entries[ca->entry_count++] = entry;
	return true;
}

static enum err_code
read_index(struct ca *ca, struct err *err)
{
	char path[OPTIONS_PATH_BYTES];
	struct str rest;
	enum err_code rc = ca_path(ca->folder, "index.txt", path, err);

	if (rc == ERR_OK)
		rc = file_read(path, INDEX_BYTES, ca->arena, &rest, err);
	while (rc == ERR_OK && rest.ptr != NULL && rest.len > 0) {
		struct str line = str_cut(&rest, '\n');
		if (line.len > 0 && !read_line(ca, line))
			rc = err_sayf(err, ERR_CONFIG,
			    "%s holds a line that cannot be read: %.*s", path,
			    STR_ARG(line));
	}
	return rc;
}

static enum err_code
read_pair(struct ca *ca, const struct options *options, struct err *err)
{
	CLEANUP(secret_end) struct secret password = {.ptr = NULL};
	CLEANUP(load_found_free) struct load_found found = {.certs = NULL};
	char path[OPTIONS_PATH_BYTES];
	enum err_code rc =
	    load_password(options->password_file, &password, err);

	if (rc == ERR_OK)
		rc = ca_path(ca->folder, "ca.pem", path, err);
	if (rc == ERR_OK)
		rc = load_certs(path, NULL, &found, err);
	if (rc == ERR_OK)
		ca->cert = sk_X509_shift(found.certs);
	if (rc == ERR_OK)
		rc = ca_path(ca->folder, "ca.key", path, err);
	if (rc == ERR_OK)
		rc = load_key(path, &password, &ca->key, err);
	if (rc == ERR_OK && X509_check_private_key(ca->cert, ca->key) != 1)
		rc = err_sayf(err, ERR_CONFIG,
		    "ca.key and ca.pem in %s do not fit each other.",
		    ca->folder);
	return rc;
}

static enum err_code
read_url(struct ca *ca, struct err *err)
{
	char path[OPTIONS_PATH_BYTES];
	struct str url;
	enum err_code rc = ca_path(ca->folder, "crlurl", path, err);

	if (rc != ERR_OK || !file_exists(path))
		return rc;
	rc = file_read(path, OPTIONS_PATH_BYTES, ca->arena, &url, err);
	if (rc == ERR_OK)
		ca->crl_url = str_dup_c(ca->arena, str_trim(url));
	return rc;
}

enum err_code
ca_open(const struct options *options, struct ca *out, struct err *err)
{
	char path[OPTIONS_PATH_BYTES];
	enum err_code rc = ca_path(options->ca_dir, "ca.pem", path, err);

	*out = (struct ca){.folder = options->ca_dir,
	    .arena = arena_new(ARENA_BYTES),
	    .lock = -1};
	if (rc == ERR_OK && out->arena == NULL)
		rc = err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	if (rc == ERR_OK && !file_exists(path))
		rc = err_sayf(err, ERR_NOT_FOUND,
		    "There is no authority in %s. Name its folder with "
		    "--ca-dir, or make one: iwebmsg-ssl ca init --name NAME.",
		    options->ca_dir);
	if (rc == ERR_OK)
		rc = lock_folder(out, err);
	if (rc == ERR_OK)
		rc = read_pair(out, options, err);
	if (rc == ERR_OK)
		rc = read_url(out, err);
	return rc == ERR_OK ? read_index(out, err) : rc;
}

const char *
ca_serial(struct ca *ca, const X509 *cert)
{
	BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
	char *hex = number != NULL ? BN_bn2hex(number) : NULL;
	char *copy = hex != NULL ? str_dup_c(ca->arena, str_c(hex)) : NULL;

	BN_free(number);
	OPENSSL_free(hex);
	return copy;
}

enum err_code
ca_add(struct ca *ca, const X509 *cert, struct err *err)
{
	const ASN1_TIME *after = X509_get0_notAfter(cert);
	/* Escapes whatever is not printable ASCII. */
	char *subject = X509_NAME_oneline(X509_get_subject_name(cert), NULL, 0);
	const char *serial = ca_serial(ca, cert);
	struct ca_entry *grown = arena_grow(ca->arena, ca->entries,
	    ca->entry_count, &ca->entry_capacity, sizeof(*grown));
	bool ok = subject != NULL && serial != NULL && grown != NULL;

	if (ok) {
		ca->entries = grown;
		grown[ca->entry_count++] = (struct ca_entry){.status = 'V',
		    .expiry = str_dup(ca->arena,
		        str_of((const char *)ASN1_STRING_get0_data(after),
		            (size_t)ASN1_STRING_length(after))),
		    .serial = str_c(serial),
		    .subject = str_dup(ca->arena, str_c(subject))};
	}
	OPENSSL_free(subject);
	return ok ? ERR_OK : key_fail("keep the certificate's number", err);
}

struct ca_entry *
ca_find(struct ca *ca, struct str serial)
{
	for (size_t i = 0; i < ca->entry_count; i++)
		if (str_eq_nocase(ca->entries[i].serial, serial))
			return &ca->entries[i];
	return NULL;
}

enum err_code
ca_save(const struct ca *ca, struct err *err)
{
	CLEANUP(buf_free) struct buf text;
	char path[OPTIONS_PATH_BYTES];
	struct str bytes;

	buf_init(&text, INDEX_BYTES);
	for (size_t i = 0; i < ca->entry_count; i++) {
		const struct ca_entry *entry = &ca->entries[i];
		buf_add_byte(&text, entry->status);
		buf_add_byte(&text, '\t');
		buf_add(&text, entry->expiry);
		buf_add_byte(&text, '\t');
		buf_add(&text, entry->revoked);
		buf_add_byte(&text, '\t');
		buf_add(&text, entry->serial);
		buf_add_c(&text, "\tunknown\t");
		buf_add(&text, entry->subject);
		buf_add_byte(&text, '\n');
	}
	enum err_code rc = buf_end(&text, &bytes, err);
	if (rc == ERR_OK)
		rc = ca_path(ca->folder, "index.txt", path, err);
	return rc == ERR_OK ? file_replace(path, bytes, 0600, err) : rc;
}
