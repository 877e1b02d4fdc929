#include "trust_store.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include "install.h"
#include "key.h"
#include "os/file.h"
#include "own.h"
#include "trust_cert.h"

#define FILE_BYTES ((size_t)4 << 20)
#define MODE_NEW   0644

static const struct str BEGIN = {"-----BEGIN ", 11};
static const struct str END = {"-----END ", 9};

void
trust_store_end(struct trust_store *store)
{
	for (size_t i = 0; i < store->count; i++)
		own_cert_free(&store->certs[i].cert);
	store->count = 0;
}

/* From "-----BEGIN" at `from` to past the line "-----END …"; 0: no end. */
static size_t
block_end(struct str bytes, size_t from)
{
	size_t at = str_find(bytes, END, from);

	if (at >= bytes.len)
		return 0;
	at = str_find_byte(bytes, '\n', at);
	return at < bytes.len ? at + 1 : bytes.len;
}

static enum err_code
damaged(const struct trust_store *store, const char *file, struct err *err)
{
	ERR_clear_error();
	return err_sayf(err, ERR_INPUT,
	    "Certificate number %zu, in %s, is damaged. Mend the file by hand "
	    "first.",
	    store->count + 1, file);
}

/* Takes the certificate, also when it fails. */
static enum err_code
take_cert(
    struct trust_store *store, struct trust_store_cert one, struct err *err)
{
	struct trust_store_cert *more = arena_grow(store->arena, store->certs,
	    store->count, &store->capacity, sizeof(*store->certs));

	if (more == NULL || store->count == TRUST_STORE_CERTS_MAX) {
		X509_free(one.cert);
		return err_sayf(err, ERR_LIMIT,
		    "%s holds more than %d certificates.", store->path,
		    TRUST_STORE_CERTS_MAX);
	}
	store->certs = more;
	store->certs[store->count++] = one;
	return ERR_OK;
}

/* A SEQUENCE whose length takes two bytes or more: no text begins so. */
static bool
is_der(struct str bytes)
{
	return bytes.len > 4 && bytes.ptr[0] == 0x30 &&
	       ((unsigned char)bytes.ptr[1] & 0x80) != 0;
}

static enum err_code
take_block(struct trust_store *store, const char *file, struct str bytes,
    size_t from, size_t to, struct err *err)
{
	CLEANUP(own_bio_free)
	BIO *bio = BIO_new_mem_buf(bytes.ptr + from, (int)(to - from));
	struct str head = str_slice(bytes, from, to);
	struct str name =
	    str_slice(head, BEGIN.len, str_find(head, STR("-----"), BEGIN.len));

	if (!str_ends(name, STR("CERTIFICATE")))
		return ERR_OK;
	X509 *cert =
	    bio == NULL ? NULL : PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL);
	if (cert == NULL)
		return damaged(store, file, err);
	return take_cert(
	    store, (struct trust_store_cert){cert, file, from, to}, err);
}

static enum err_code
read_pem(struct trust_store *store, const char *file, struct str bytes,
    struct err *err)
{
	enum err_code rc = ERR_OK;
	size_t at = str_find(bytes, BEGIN, 0);

	while (rc == ERR_OK && at < bytes.len) {
		size_t end = block_end(bytes, at);

		if (end == 0)
			return damaged(store, file, err);
		rc = take_block(store, file, bytes, at, end, err);
		at = str_find(bytes, BEGIN, end);
	}
	return rc;
}

/* One certificate in DER is a store of one. */
static enum err_code
read_one(struct trust_store *store, const char *file, struct err *err)
{
	struct str bytes;
	enum err_code rc =
	    file_read(file, FILE_BYTES, store->arena, &bytes, err);

	if (rc != ERR_OK)
		return rc;
	if (!is_der(bytes))
		return read_pem(store, file, bytes, err);
	const unsigned char *at = (const unsigned char *)bytes.ptr;
	X509 *cert = d2i_X509(NULL, &at, (long)bytes.len);
	if (cert == NULL)
		return damaged(store, file, err);
	return take_cert(
	    store, (struct trust_store_cert){cert, file, 0, bytes.len}, err);
}

/* As the server reads it: see main_bundle_open. */
static enum err_code
read_folder(struct trust_store *store, struct err *err)
{
	static const char *const suffixes[] = {".pem", ".crt", ".cer"};
	enum err_code rc = ERR_OK;

	for (size_t s = 0; s < 3 && rc == ERR_OK; s++) {
		struct file_list list;

		rc = file_list(
		    store->path, str_c(suffixes[s]), store->arena, &list, err);
		for (size_t i = 0; rc == ERR_OK && i < list.count; i++) {
			struct str file = str_printf(store->arena, "%s/%.*s",
			    store->path, STR_ARG(list.names[i]));

			if (file.ptr == NULL)
				return err_set(
				    err, ERR_NO_MEMORY, "Out of memory.", NULL);
			rc = read_one(store, file.ptr, err);
		}
	}
	return rc;
}

enum err_code
trust_store_read(const char *path, struct arena *arena, struct trust_store *out,
    struct err *err)
{
	struct stat info;

	*out = (struct trust_store){.arena = arena};
	enum err_code rc = path_real(path, out->path, err);
	if (rc != ERR_OK)
		return rc;
	out->is_there = stat(out->path, &info) == 0;
	out->is_folder = out->is_there && S_ISDIR(info.st_mode);
	if (out->is_folder)
		return read_folder(out, err);
	return out->is_there ? read_one(out, out->path, err) : ERR_OK;
}

int
trust_store_find(const struct trust_store *store, const X509 *cert)
{
	for (size_t i = 0; i < store->count; i++)
		if (X509_cmp(store->certs[i].cert, cert) == 0)
			return (int)i;
	return -1;
}

static enum err_code
write_pem(BIO *bio, const STACK_OF(X509) * certs, struct err *err)
{
	for (int i = 0; i < sk_X509_num(certs); i++)
		if (PEM_write_bio_X509(bio, sk_X509_value(certs, i)) != 1)
			return key_fail("write the certificates", err);
	return ERR_OK;
}

static struct str
bio_bytes(BIO *bio)
{
	char *bytes = NULL;
	long len = BIO_get_mem_data(bio, &bytes);

	return str_of(bytes, len > 0 ? (size_t)len : 0);
}

/* Named by its fingerprint: the same one is the same file. */
static enum err_code
add_to_folder(const struct trust_store *store, const STACK_OF(X509) * certs,
    struct err *err)
{
	enum err_code rc = ERR_OK;

	for (int i = 0; i < sk_X509_num(certs) && rc == ERR_OK; i++) {
		CLEANUP(own_bio_free) BIO *bio = BIO_new(BIO_s_mem());
		X509 *cert = sk_X509_value(certs, i);
		char pin[TRUST_CERT_PRINT_BYTES];
		char print[TRUST_CERT_PRINT_BYTES];
		size_t at = 0;

		trust_cert_print(cert, print);
		for (const char *c = print; *c != '\0' && at < 32; c++)
			if (*c != ':')
				pin[at++] = *c;
		pin[at] = '\0';
		struct str path =
		    str_printf(store->arena, "%s/%s.pem", store->path, pin);
		if (bio == NULL || path.ptr == NULL ||
		    PEM_write_bio_X509(bio, cert) != 1)
			return key_fail("write the certificates", err);
		rc = file_write_new(path.ptr, bio_bytes(bio), MODE_NEW, err);
	}
	return rc;
}

enum err_code
trust_store_add(const struct trust_store *store, const STACK_OF(X509) * certs,
    struct err *err)
{
	CLEANUP(own_bio_free) BIO *bio = BIO_new(BIO_s_mem());
	struct str before = {0};
	enum err_code rc = ERR_OK;

	if (store->is_folder)
		return add_to_folder(store, certs, err);
	if (bio == NULL)
		return key_fail("write the certificates", err);
	if (store->is_there)
		rc = file_read(
		    store->path, FILE_BYTES, store->arena, &before, err);
	if (rc == ERR_OK && is_der(before) && store->count == 1) {
		before = STR("");
		if (PEM_write_bio_X509(bio, store->certs[0].cert) != 1)
			rc = key_fail("write the certificates", err);
	}
	if (rc == ERR_OK)
		rc = write_pem(bio, certs, err);
	if (rc != ERR_OK)
		return rc;
	bool is_open = before.len > 0 && !str_ends(before, STR("\n"));
	const struct str parts[] = {
	    before, is_open ? STR("\n") : STR(""), bio_bytes(bio)};
	struct str after = str_join(store->arena, parts, 3);
	if (after.ptr == NULL)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	return store->is_there
	           ? install_replace(store->path, after, err)
	           : file_write_new(store->path, after, MODE_NEW, err);
}

/* The bytes of one file without what is marked. */
static enum err_code
remove_from(const struct trust_store *store, const char *file,
    const bool *is_marked, struct err *err)
{
	struct str bytes;
	size_t left = 0;
	enum err_code rc =
	    file_read(file, FILE_BYTES, store->arena, &bytes, err);

	if (rc != ERR_OK)
		return rc;
	/* From the end on: what stands before keeps its place. */
	for (size_t i = store->count; i-- > 0;) {
		const struct trust_store_cert *one = &store->certs[i];

		if (one->file != file)
			continue;
		if (!is_marked[i]) {
			left++;
			continue;
		}
		const struct str parts[] = {str_slice(bytes, 0, one->from),
		    str_slice(bytes, one->to, bytes.len)};
		bytes = str_join(store->arena, parts, 2);
	}
	if (arena_failed(store->arena))
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	return left == 0 && store->is_folder
	           ? file_remove(file, err)
	           : install_replace(file, bytes, err);
}

enum err_code
trust_store_remove(
    const struct trust_store *store, const bool *is_marked, struct err *err)
{
	const char *done = NULL;
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < store->count && rc == ERR_OK; i++) {
		const char *file = store->certs[i].file;

		/* Those of one file stand together. */
		if (!is_marked[i] || file == done)
			continue;
		rc = remove_from(store, file, is_marked, err);
		done = file;
	}
	return rc;
}
