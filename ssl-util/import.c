#include "import.h"

#include <openssl/pem.h>

#include "chain.h"
#include "fetch.h"
#include "ini.h"
#include "install.h"
#include "judge.h"
#include "key.h"
#include "load.h"
#include "os/credential.h"
#include "os/file.h"
#include "own.h"
#include "path.h"

#define ARENA_BYTES ((size_t)16 << 20)

struct import {
	struct buf *out;
	struct arena *arena;
	const char *cert;
	const char *key;
	const char *password_file;
	const char *name; /* NULL: none to look for */
	STACK_OF(X509) * certs;
	STACK_OF(X509) * ordered;
	EVP_PKEY *ours;   /* of the key's file; NULL: not there */
	EVP_PKEY *theirs; /* of PKCS#12, or NULL */
	struct secret password;
};

static void
import_end(struct import *import)
{
	own_certs_free(&import->certs);
	own_certs_free(&import->ordered);
	key_free(&import->ours);
	key_free(&import->theirs);
	secret_end(&import->password);
}

/* One key of the ini file and what the command line says beside it. */
struct place {
	const char *key;
	const char *by_hand; /* empty: nothing */
	struct str in_ini;
};

static enum err_code
take_path(struct import *import, const struct config *cfg,
    const struct place *place, const char **out, struct err *err)
{
	if (place->in_ini.len == 0)
		return err_sayf(err, ERR_CONFIG,
		    "%s says no %s=. Nothing was written. Write it there "
		    "first, or say --cert and --key-file without --config.",
		    cfg->path.ptr, place->key);
	if (place->by_hand[0] != '\0' &&
	    !ini_is_same_file(place->by_hand, place->in_ini.ptr))
		return err_sayf(err, ERR_CONFIG,
		    "The server uses %s=%s, not %s (%s). Nothing was written. "
		    "Mend one of the two.",
		    place->key, place->in_ini.ptr, place->by_hand,
		    cfg->path.ptr);
	*out = str_dup_c(import->arena, place->in_ini);
	return *out != NULL
	           ? ERR_OK
	           : err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
}

/* The server's own paths, so that nothing lands where it does not look. */
static enum err_code
use_config(
    struct import *import, const struct options *options, struct err *err)
{
	const struct config *cfg = NULL;
	struct config_notes notes;
	enum err_code rc =
	    ini_read(options->config, import->arena, &notes, &cfg, err);

	if (rc != ERR_OK)
		return rc;
	const struct place cert = {
	    "Certificate", options->out_path, cfg->site.certificate};
	const struct place key = {
	    "PrivateKey", options->key_path, cfg->site.private_key};
	rc = take_path(import, cfg, &cert, &import->cert, err);
	if (rc == ERR_OK)
		rc = take_path(import, cfg, &key, &import->key, err);
	if (rc == ERR_OK && import->password_file == NULL &&
	    cfg->site.key_password_file.len > 0)
		import->password_file =
		    str_dup_c(import->arena, cfg->site.key_password_file);
	if (rc == ERR_OK && import->name == NULL)
		import->name =
		    ini_host_of(cfg->site.public_secure_url, import->arena);
	config_unref(cfg);
	return rc;
}

static enum err_code
take_found(struct import *import, struct load_found *found, const char *path,
    struct err *err)
{
	for (int i = 0; i < sk_X509_num(found->certs); i++)
		if (X509_add_cert(import->certs, sk_X509_value(found->certs, i),
		        X509_ADD_FLAG_UP_REF | X509_ADD_FLAG_NO_DUP) != 1)
			return key_fail("read the certificates", err);
	if (found->key == NULL)
		return ERR_OK;
	if (import->theirs != NULL)
		return err_sayf(err, ERR_INPUT,
		    "%s brings a second key; import one PKCS#12 file at a "
		    "time.",
		    path);
	import->theirs = found->key;
	found->key = NULL;
	return ERR_OK;
}

static enum err_code
read_files(
    struct import *import, const struct options *options, struct err *err)
{
	CLEANUP(secret_end) struct secret password = {.ptr = NULL};
	enum err_code rc = load_password(options->in_password_file != NULL
	                                     ? options->in_password_file
	                                     : import->password_file,
	    &password, err);

	import->certs = sk_X509_new_null();
	if (import->certs == NULL)
		return key_fail("read the certificates", err);
	for (size_t i = 0; i < options->file_count && rc == ERR_OK; i++) {
		CLEANUP(load_found_free)
		struct load_found found = {.certs = NULL};
		rc = load_certs(options->files[i], &password, &found, err);
		if (rc == ERR_OK)
			rc = take_found(import, &found, options->files[i], err);
	}
	return rc;
}

static enum err_code
read_key(struct import *import, struct err *err)
{
	enum err_code rc =
	    load_password(import->password_file, &import->password, err);

	if (rc != ERR_OK)
		return rc;
	if (file_exists(import->key))
		return load_key(
		    import->key, &import->password, &import->ours, err);
	if (import->theirs != NULL)
		return ERR_OK;
	return err_sayf(err, ERR_NOT_FOUND,
	    "The key %s is not there. Name the key the request was made with: "
	    "--key-file FILE.",
	    import->key);
}

/* A PKCS#12 file may bring another key; then it replaces ours. */
static EVP_PKEY *
key_of(const struct import *import)
{
	return import->theirs != NULL ? import->theirs : import->ours;
}

static bool
brings_key(const struct import *import)
{
	return import->theirs != NULL &&
	       (import->ours == NULL ||
	           EVP_PKEY_eq(import->theirs, import->ours) != 1);
}

static enum err_code
judge(struct import *import, const struct options *options, struct err *err)
{
	struct report report = {.out = import->out};
	struct judge judge = {.report = &report,
	    .cert_path = import->cert,
	    .given = options->files[0],
	    .key_path = import->key,
	    .name = import->name,
	    .root = options->root,
	    .all = import->certs};
	int leaf = chain_leaf_of(import->certs, key_of(import));

	if (leaf < 0)
		return err_sayf(err, ERR_CONFIG,
		    "None of the certificates fits the key %s. Nothing was "
		    "written. iwebmsg-ssl show names the public key of each: "
		    "find the key the request was made with.",
		    import->key);
	report_ok(&report, "match", "key and certificate fit");
	judge_secret(&report, import->key);
	enum err_code rc = ERR_OK;
	if (options->fetch_chain)
		rc = fetch_chain(
		    import->certs, leaf, options->root, import->out, err);
	if (rc == ERR_OK)
		rc = chain_order(import->certs, leaf, &import->ordered, err);
	if (rc == ERR_OK)
		rc = judge_all(&judge, import->ordered, err);
	if (rc != ERR_OK || report.problem_count == 0)
		return rc;
	return err_sayf(err, ERR_CONFIG,
	    "Nothing was written: %zu finding(s) above marked BAD.",
	    report.problem_count);
}

static enum err_code
write_key(struct import *import, bool force, struct err *err)
{
	CLEANUP(own_bio_free) BIO *bio = NULL;
	struct str pem;
	enum err_code rc =
	    key_pem(import->theirs, &import->password, &bio, &pem, err);

	if (rc == ERR_OK)
		rc = install_file(
		    import->key, pem, 0600, force, import->out, err);
	if (rc == ERR_OK)
		buf_addf(
		    import->out, "Key (keep it secret): %s\n", import->key);
	return rc;
}

static enum err_code
write_chain(struct import *import, bool force, struct err *err)
{
	CLEANUP(own_bio_free) BIO *bio = BIO_new(BIO_s_mem());
	char *bytes = NULL;

	for (int i = 0; i < sk_X509_num(import->ordered); i++)
		if (bio == NULL || PEM_write_bio_X509(bio,
		                       sk_X509_value(import->ordered, i)) != 1)
			return key_fail("write the certificates", err);
	long len = BIO_get_mem_data(bio, &bytes);
	enum err_code rc = install_file(import->cert,
	    str_of(bytes, (size_t)len), 0644, force, import->out, err);
	if (rc == ERR_OK)
		buf_addf(import->out, "Certificate with its chain (%d): %s\n",
		    sk_X509_num(import->ordered), import->cert);
	return rc;
}

static enum err_code
write_all(struct import *import, const struct options *options, struct err *err)
{
	enum err_code rc = install_may(import->cert, options->force, err);
	bool has_key = brings_key(import);
	bool key_is_new = !file_exists(import->key);

	if (rc == ERR_OK && has_key)
		rc = install_may(import->key, options->force, err);
	if (rc == ERR_OK && options->config == NULL &&
	    !file_exists(options->out_dir))
		rc = file_make_folder(options->out_dir, err);
	buf_add_c(import->out, "\n");
	if (rc == ERR_OK && has_key)
		rc = write_key(import, options->force, err);
	if (rc != ERR_OK)
		return rc;
	rc = write_chain(import, options->force, err);
	if (rc != ERR_OK && has_key && key_is_new) {
		struct err ignored = ERR_NONE;
		err_ignore(file_remove(import->key, &ignored));
	}
	return rc;
}

/* A whole path: those of the ini file start at its own folder. */
static void
add_path(const char *what, const char *path, struct buf *out)
{
	char whole[PATH_BYTES] = "";
	struct err ignored = ERR_NONE;

	if (credential_is(str_c(path)))
		buf_addf(out, "%s%s\n", what, path);
	else if (path_absolute(path, whole, &ignored) == ERR_OK)
		buf_addf(out, "%s%s\n", what, whole);
}

static void
say_next(const struct import *import, const struct options *options)
{
	buf_add_c(import->out, "\nNext:\n");
	if (options->config == NULL) {
		buf_add_c(import->out,
		    "  in iwebmsg.ini, section [SSL]:\n    EnableSSL=1\n");
		add_path("    Certificate=", import->cert, import->out);
		add_path("    PrivateKey=", import->key, import->out);
		if (import->password.ptr != NULL)
			add_path("    KeyPasswordFile=", import->password_file,
			    import->out);
	}
	buf_add_c(import->out, "  systemctl reload iwebmsg\n");
}

enum err_code
import_run(const struct options *options, struct buf *out, struct err *err)
{
	CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_BYTES);
	CLEANUP(import_end)
	struct import import = {.out = out,
	    .arena = arena,
	    .cert = options->out_path,
	    .key = options->key_path,
	    .password_file = options->password_file};
	enum err_code rc = ERR_OK;

	if (arena == NULL)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	if (options->name.len > 0)
		import.name = str_dup_c(arena, options->name);
	if (options->config != NULL)
		rc = use_config(&import, options, err);
	if (rc == ERR_OK)
		rc = read_files(&import, options, err);
	if (rc == ERR_OK)
		rc = read_key(&import, err);
	if (rc == ERR_OK)
		rc = judge(&import, options, err);
	if (rc == ERR_OK)
		rc = write_all(&import, options, err);
	if (rc == ERR_OK)
		say_next(&import, options);
	return rc;
}
