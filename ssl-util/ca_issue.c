#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "build.h"
#include "ca.h"
#include "ca_folder.h"
#include "key.h"
#include "os/file.h"
#include "own.h"
#include "san.h"
#include "show.h"

#define REQUEST_BYTES ((size_t)1 << 20)

struct issue {
	struct ca ca;
	enum build_purpose purpose;
	X509_REQ *request;    /* or NULL: the key is ours */
	EVP_PKEY *key;        /* owned; with a request its public half */
	GENERAL_NAMES *names; /* NULL: none */
	X509 *cert;
	struct secret p12_password;
};

static void
issue_end(struct issue *issue)
{
	ca_close(&issue->ca);
	own_request_free(&issue->request);
	key_free(&issue->key);
	san_free(&issue->names);
	own_cert_free(&issue->cert);
	secret_end(&issue->p12_password);
}

static enum err_code
refuse_existing(const char *path, struct err *err)
{
	if (!file_exists(path))
		return ERR_OK;
	return err_sayf(err, ERR_INPUT,
	    "%s exists and is not overwritten. Choose another folder with "
	    "--out-dir.",
	    path);
}

/* Only kinds of names we would put in ourselves. */
static enum err_code
take_names(struct issue *issue, const struct options *options, struct err *err)
{
	STACK_OF(X509_EXTENSION) *list =
	    X509_REQ_get_extensions(issue->request);

	issue->names = X509V3_get_d2i(list, NID_subject_alt_name, NULL, NULL);
	sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
	for (int i = 0; i < sk_GENERAL_NAME_num(issue->names); i++) {
		int type = sk_GENERAL_NAME_value(issue->names, i)->type;
		if (type != GEN_DNS && type != GEN_IPADD && type != GEN_EMAIL)
			return err_sayf(err, ERR_INPUT,
			    "%s asks for a name that is no host name, address "
			    "or e-mail address. Say the names with --name and "
			    "--san.",
			    options->csr);
	}
	if (issue->names == NULL && issue->purpose == BUILD_SERVER)
		return err_sayf(err, ERR_INPUT,
		    "%s asks for no names. Say them with --name and --san.",
		    options->csr);
	return ERR_OK;
}

static enum err_code
read_request(
    struct issue *issue, const struct options *options, struct err *err)
{
	struct str bytes;
	enum err_code rc = file_read(
	    options->csr, REQUEST_BYTES, issue->ca.arena, &bytes, err);

	if (rc != ERR_OK)
		return rc;
	CLEANUP(own_bio_free)
	BIO *bio = BIO_new_mem_buf(bytes.ptr, (int)bytes.len);
	const unsigned char *at = (const unsigned char *)bytes.ptr;
	if (bio != NULL)
		issue->request = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
	if (issue->request == NULL)
		issue->request = d2i_X509_REQ(NULL, &at, (long)bytes.len);
	ERR_clear_error();
	issue->key = X509_REQ_get_pubkey(issue->request);
	if (issue->request == NULL || issue->key == NULL)
		return err_sayf(err, ERR_INPUT,
		    "%s holds no request that can be read.", options->csr);
	if (X509_REQ_verify(issue->request, issue->key) != 1)
		return err_sayf(err, ERR_INPUT,
		    "The signature of the request %s does not fit its key. "
		    "Nothing was signed.",
		    options->csr);
	if (key_is_weak(issue->key))
		return err_sayf(err, ERR_INPUT,
		    "The key of the request %s is too weak. Nothing was "
		    "signed.",
		    options->csr);
	return options->name.len == 0 ? take_names(issue, options, err)
	                              : ERR_OK;
}

static enum err_code
prepare(struct issue *issue, const struct options *options, struct err *err)
{
	enum err_code rc = refuse_existing(options->out_path, err);

	if (rc == ERR_OK && options->csr == NULL)
		rc = refuse_existing(options->key_path, err);
	if (rc == ERR_OK && options->csr != NULL && options->name.len == 0 &&
	    options->san_count > 0)
		rc = err_set(err, ERR_INPUT,
		    "--san replaces the names of the request: say --name too.",
		    NULL);
	if (rc == ERR_OK)
		rc = ca_p12_prepare(options, &issue->p12_password, err);
	if (rc == ERR_OK && !file_exists(options->out_dir))
		rc = file_make_folder(options->out_dir, err);
	if (rc == ERR_OK)
		rc = ca_open(options, &issue->ca, err);
	if (rc == ERR_OK &&
	    X509_cmp_current_time(X509_get0_notAfter(issue->ca.cert)) <= 0)
		rc = err_sayf(err, ERR_CONFIG,
		    "The authority in %s has expired. Make a new one: "
		    "iwebmsg-ssl ca init --ca-dir FOLDER --name NAME.",
		    issue->ca.folder);
	if (rc == ERR_OK && options->csr != NULL)
		rc = read_request(issue, options, err);
	else if (rc == ERR_OK)
		rc = key_make(options->key_kind, &issue->key, err);
	if (rc == ERR_OK && options->name.len > 0)
		rc = san_make(options, &issue->names, err);
	return rc;
}

static enum err_code
add_url(struct issue *issue, struct err *err)
{
	if (issue->ca.crl_url == NULL)
		return ERR_OK;
	struct str value =
	    str_printf(issue->ca.arena, "URI:%s", issue->ca.crl_url);
	char *text = str_dup_c(issue->ca.arena, value);
	X509_EXTENSION *one = text != NULL
	                          ? X509V3_EXT_conf_nid(NULL, NULL,
	                                NID_crl_distribution_points, text)
	                          : NULL;
	bool ok = one != NULL && X509_add_ext(issue->cert, one, -1) == 1;
	X509_EXTENSION_free(one);
	return ok ? ERR_OK : key_fail("add the list's address", err);
}

static enum err_code
fill(struct issue *issue, const struct options *options, struct err *err)
{
	CLEANUP(own_extensions_free) STACK_OF(X509_EXTENSION) *list = NULL;
	X509_NAME *subject = X509_get_subject_name(issue->cert);
	enum err_code rc = ERR_OK;

	if (options->name.len > 0)
		rc = build_subject(subject, options, err);
	else if (X509_set_subject_name(issue->cert,
	             X509_REQ_get_subject_name(issue->request)) != 1)
		rc = key_fail("take the subject", err);
	subject = X509_get_subject_name(issue->cert);
	if (rc == ERR_OK)
		rc = build_extensions(issue->purpose, issue->key, issue->names,
		    X509_NAME_entry_count(subject) == 0, &list, err);
	if (rc == ERR_OK)
		rc = build_cert(
		    issue->cert, issue->key, options->days, list, err);
	if (rc == ERR_OK)
		rc = build_issuer(issue->cert, issue->ca.cert, err);
	return rc == ERR_OK ? add_url(issue, err) : rc;
}

/* Nothing outlives its authority. */
static enum err_code
sign(struct issue *issue, struct buf *out, struct err *err)
{
	const ASN1_TIME *last = X509_get0_notAfter(issue->ca.cert);

	if (ASN1_TIME_compare(X509_get0_notAfter(issue->cert), last) > 0) {
		if (X509_set1_notAfter(issue->cert, last) != 1)
			return key_fail("set the date", err);
		buf_add_c(out, "It ends with the authority, earlier than "
		               "asked for.\n");
	}
	if (X509_sign(issue->cert, issue->ca.key, key_digest(issue->ca.key)) <=
	    0)
		return key_fail("sign the certificate", err);
	return ERR_OK;
}

/* The index first: nothing signed may be missing there. */
static enum err_code
write_all(struct issue *issue, const struct options *options, struct err *err)
{
	CLEANUP(own_bio_free) BIO *bio = BIO_new(BIO_s_mem());
	char copy[OPTIONS_PATH_BYTES];
	char *bytes = NULL;
	enum err_code rc = ca_add(&issue->ca, issue->cert, err);

	if (rc == ERR_OK &&
	    (bio == NULL || PEM_write_bio_X509(bio, issue->cert) != 1))
		rc = key_fail("write the certificate", err);
	if (rc != ERR_OK)
		return rc;
	long len = BIO_get_mem_data(bio, &bytes);
	struct str pem = str_of(bytes, (size_t)len);
	const char *name = str_dup_c(
	    issue->ca.arena, str_printf(issue->ca.arena, "certs/%s.pem",
	                         ca_serial(&issue->ca, issue->cert)));
	rc = ca_save(&issue->ca, err);
	if (rc == ERR_OK)
		rc = ca_path(issue->ca.folder, name, copy, err);
	if (rc == ERR_OK)
		rc = file_write_new(copy, pem, 0644, err);
	if (rc == ERR_OK && options->csr == NULL)
		rc = key_write(issue->key, NULL, options->key_path, err);
	if (rc == ERR_OK)
		rc = file_write_new(options->out_path, pem, 0644, err);
	if (rc != ERR_OK || options->p12 == NULL)
		return rc;
	const struct ca_p12 p12 = {
	    options->p12, &issue->p12_password, options->compat};
	return ca_p12_write(&issue->ca, issue->cert, issue->key, &p12, err);
}

enum err_code
ca_issue(const struct options *options, struct buf *out, struct err *err)
{
	bool is_client = options->purpose != NULL &&
	                 str_eq(str_c(options->purpose), STR("client"));
	CLEANUP(issue_end)
	struct issue issue = {.ca = {.lock = -1},
	    .purpose = is_client ? BUILD_CLIENT : BUILD_SERVER,
	    .cert = X509_new()};
	enum err_code rc = prepare(&issue, options, err);

	if (rc == ERR_OK && issue.cert == NULL)
		rc = key_fail("start", err);
	if (rc == ERR_OK)
		rc = fill(&issue, options, err);
	if (rc == ERR_OK)
		rc = sign(&issue, out, err);
	if (rc == ERR_OK)
		rc = write_all(&issue, options, err);
	if (rc != ERR_OK)
		return rc;
	if (options->csr == NULL)
		buf_addf(out, "Key (keep it secret): %s\n", options->key_path);
	if (options->p12 != NULL)
		buf_addf(out, "Both in one file, keep it secret too: %s\n",
		    options->p12);
	buf_addf(out, "Certificate for a %s: %s\nNumber: %s\n\n",
	    is_client ? "client" : "server", options->out_path,
	    ca_serial(&issue.ca, issue.cert));
	return show_file(options->out_path, out, err);
}
