#include "ca_folder.h"
#include "export.h"
#include "install.h"
#include "key.h"
#include "load.h"
#include "own.h"

/* Two owners more: the stack frees its own. */
static STACK_OF(X509) * chain_of(X509 *cert, X509 *issuer)
{
	STACK_OF(X509) *certs = sk_X509_new_null();

	if (certs != NULL &&
	    X509_add_cert(certs, cert, X509_ADD_FLAG_UP_REF) == 1 &&
	    X509_add_cert(certs, issuer, X509_ADD_FLAG_UP_REF) == 1)
		return certs;
	own_certs_free(&certs);
	return NULL;
}

enum err_code
ca_p12_prepare(
    const struct options *options, struct secret *out, struct err *err)
{
	*out = (struct secret){.ptr = NULL};
	if (options->p12 == NULL)
		return ERR_OK;
	enum err_code rc = install_may(options->p12, false, err);
	return rc == ERR_OK
	           ? load_password(options->out_password_file, out, err)
	           : rc;
}

enum err_code
ca_p12_write(const struct ca *ca, X509 *cert, EVP_PKEY *key,
    const struct ca_p12 *what, struct err *err)
{
	CLEANUP(own_certs_free)
	STACK_OF(X509) *certs = chain_of(cert, ca->cert);
	/* Memory that is wiped when it is given back: the key is in it. */
	CLEANUP(own_bio_free) BIO *bio = BIO_new(BIO_s_secmem());
	CLEANUP(buf_free) struct buf ignored = {.ptr = NULL};
	const struct export_p12 p12 = {.certs = certs,
	    .key = key,
	    .password = what->password,
	    .compat = what->compat};
	char *bytes = NULL;

	if (certs == NULL || bio == NULL)
		return key_fail("write the PKCS#12 file", err);
	enum err_code rc = export_p12(&p12, bio, err);
	if (rc != ERR_OK)
		return rc;
	buf_init(&ignored, OPTIONS_PATH_BYTES);
	long len = BIO_get_mem_data(bio, &bytes);
	return install_file(
	    what->path, str_of(bytes, (size_t)len), 0600, false, &ignored, err);
}
