#include "ca.h"

#include <openssl/pem.h>

#include "build.h"
#include "ca_folder.h"
#include "key.h"
#include "load.h"
#include "os/clock.h"
#include "os/file.h"
#include "own.h"

#define FIRST_LIST_DAYS 30

static enum err_code
write_in(const char *folder, const char *name, struct str bytes, int mode,
    struct err *err)
{
	char path[OPTIONS_PATH_BYTES];
	enum err_code rc = ca_path(folder, name, path, err);

	return rc == ERR_OK ? file_write_new(path, bytes, mode, err) : rc;
}

/* It goes into every certificate as it stands: no blanks, no commas. */
static enum err_code
check_url(const char *url, struct err *err)
{
	bool ok = url == NULL || str_starts(str_c(url), STR("http://"));

	for (const char *at = url; ok && at != NULL && *at != '\0'; at++)
		ok = *at > 0x20 && *at < 0x7f && strchr(",;\"\\", *at) == NULL;
	return ok ? ERR_OK
	          : err_sayf(err, ERR_INPUT,
	                "--crl-url takes an http:// address without blanks "
	                "and commas, not \"%s\".",
	                url);
}

/* A private authority signs itself. */
static enum err_code
make_root(
    const struct options *options, EVP_PKEY *key, BIO *pem, struct err *err)
{
	CLEANUP(own_cert_free) X509 *cert = X509_new();
	CLEANUP(own_extensions_free) STACK_OF(X509_EXTENSION) *list = NULL;
	enum err_code rc = ERR_OK;

	if (cert == NULL || pem == NULL)
		return key_fail("start", err);
	rc = build_extensions(BUILD_AUTHORITY, key, NULL, false, &list, err);
	if (rc == ERR_OK)
		rc = build_subject(X509_get_subject_name(cert), options, err);
	if (rc == ERR_OK)
		rc = build_cert(cert, key, options->days, list, err);
	if (rc == ERR_OK)
		rc = build_issuer(cert, cert, err);
	if (rc != ERR_OK)
		return rc;
	if (X509_get_subject_name(cert) == NULL ||
	    X509_NAME_entry_count(X509_get_subject_name(cert)) == 0)
		return err_set(err, ERR_INPUT,
		    "--name takes at most 64 letters for an authority.", NULL);
	if (X509_sign(cert, key, key_digest(key)) <= 0 ||
	    PEM_write_bio_X509(pem, cert) != 1)
		return key_fail("sign the certificate", err);
	return ERR_OK;
}

/* ca.pem comes last: with it the authority is there. */
static enum err_code
write_folder(
    const struct options *options, EVP_PKEY *key, BIO *pem, struct err *err)
{
	CLEANUP(secret_end) struct secret password = {.ptr = NULL};
	char path[OPTIONS_PATH_BYTES];
	char *bytes = NULL;
	long len = BIO_get_mem_data(pem, &bytes);
	enum err_code rc =
	    load_password(options->password_file, &password, err);

	if (rc == ERR_OK)
		rc = ca_path(options->ca_dir, "certs", path, err);
	if (rc == ERR_OK)
		rc = file_make_folder(options->ca_dir, err);
	if (rc == ERR_OK)
		rc = file_make_folder(path, err);
	if (rc == ERR_OK)
		rc = ca_path(options->ca_dir, "ca.key", path, err);
	if (rc == ERR_OK)
		rc = key_write(key, &password, path, err);
	if (rc == ERR_OK)
		rc = write_in(
		    options->ca_dir, "index.txt", (struct str){0}, 0600, err);
	if (rc == ERR_OK)
		rc = write_in(
		    options->ca_dir, "crlnumber", STR("01\n"), 0600, err);
	if (rc == ERR_OK && options->crl_url != NULL)
		rc = write_in(options->ca_dir, "crlurl",
		    str_c(options->crl_url), 0644, err);
	if (rc == ERR_OK)
		rc = write_in(options->ca_dir, "ca.pem",
		    str_of(bytes, (size_t)len), 0644, err);
	return rc;
}

enum err_code
ca_init(const struct options *options, struct buf *out, struct err *err)
{
	CLEANUP(key_free) EVP_PKEY *key = NULL;
	CLEANUP(own_bio_free) BIO *pem = BIO_new(BIO_s_mem());
	CLEANUP(ca_close) struct ca ca = {.lock = -1};
	char path[OPTIONS_PATH_BYTES];
	enum err_code rc = ca_path(options->ca_dir, "ca.key", path, err);

	if (rc == ERR_OK && file_exists(path))
		rc = err_sayf(err, ERR_INPUT,
		    "%s exists: there is an authority already. Name another "
		    "folder with --ca-dir.",
		    path);
	if (rc == ERR_OK)
		rc = check_url(options->crl_url, err);
	if (rc == ERR_OK)
		rc = key_make(options->key_kind, &key, err);
	if (rc == ERR_OK)
		rc = make_root(options, key, pem, err);
	if (rc == ERR_OK)
		rc = write_folder(options, key, pem, err);
	if (rc == ERR_OK)
		rc = ca_open(options, &ca, err);
	if (rc == ERR_OK)
		rc = ca_list_write(&ca, FIRST_LIST_DAYS, err);
	if (rc != ERR_OK)
		return rc;
	buf_addf(out,
	    "The authority is in %s. Keep that folder secret and saved.\n"
	    "Give away: %s/ca.pem (who trusts it trusts all it signs)\n"
	    "Next: iwebmsg-ssl ca issue --ca-dir %s --name mail.example.org\n",
	    options->ca_dir, options->ca_dir, options->ca_dir);
	return ERR_OK;
}

static enum err_code
mark(struct ca *ca, const struct options *options, const char *serial,
    struct err *err)
{
	struct clock_date now = clock_date_of(clock_now_s(), 0);
	struct ca_entry *entry = ca_find(ca, str_c(serial));
	const char *reason = options->reason;
	int code = 0;

	if (reason != NULL && ca_list_reason(reason, &code, err) != ERR_OK)
		return ERR_INPUT;
	if (entry == NULL)
		return err_sayf(err, ERR_NOT_FOUND,
		    "No certificate of this authority has the number %s.",
		    serial);
	if (entry->status == 'R')
		return err_sayf(err, ERR_INPUT,
		    "The number %s is revoked already.", serial);
	entry->status = 'R';
	entry->revoked = str_printf(ca->arena, "%02d%02d%02d%02d%02d%02dZ%s%s",
	    now.year % 100, now.month, now.day, now.hour, now.minute,
	    now.second, reason != NULL ? "," : "",
	    reason != NULL ? reason : "");
	return ERR_OK;
}

/* Ours by its signature, not only by its number. */
static enum err_code
serial_of_file(
    struct ca *ca, const char *path, const char **out, struct err *err)
{
	CLEANUP(load_found_free) struct load_found found = {.certs = NULL};
	enum err_code rc = load_certs(path, NULL, &found, err);

	if (rc != ERR_OK)
		return rc;
	X509 *cert = sk_X509_value(found.certs, 0);
	if (X509_verify(cert, ca->key) != 1)
		return err_sayf(err, ERR_INPUT,
		    "%s was not signed by the authority in %s.", path,
		    ca->folder);
	*out = ca_serial(ca, cert);
	return ERR_OK;
}

enum err_code
ca_revoke(const struct options *options, struct buf *out, struct err *err)
{
	CLEANUP(ca_close) struct ca ca = {.lock = -1};
	const char *serial = options->serial;
	enum err_code rc = ca_open(options, &ca, err);

	if (rc == ERR_OK && serial == NULL)
		rc = serial_of_file(&ca, options->out_path, &serial, err);
	if (rc == ERR_OK)
		rc = mark(&ca, options, serial, err);
	if (rc == ERR_OK)
		rc = ca_save(&ca, err);
	if (rc == ERR_OK)
		rc = ca_list_write(&ca, options->days, err);
	if (rc == ERR_OK)
		buf_addf(out,
		    "Revoked: %s\nThe new list, to be put where servers look: "
		    "%s/crl.pem and %s/crl.der\n",
		    serial, ca.folder, ca.folder);
	return rc;
}

enum err_code
ca_crl(const struct options *options, struct buf *out, struct err *err)
{
	CLEANUP(ca_close) struct ca ca = {.lock = -1};
	enum err_code rc = ca_open(options, &ca, err);

	if (rc == ERR_OK)
		rc = ca_list_write(&ca, options->days, err);
	if (rc == ERR_OK)
		buf_addf(out,
		    "The list, valid for %u days: %s/crl.pem and %s/crl.der\n",
		    options->days, ca.folder, ca.folder);
	return rc;
}
