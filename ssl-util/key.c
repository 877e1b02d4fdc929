#include "key.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "base/num.h"
#include "os/file.h"

#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 4096

static void
bio_free(BIO **bio)
{
	BIO_free_all(*bio);
}

void
key_free(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
	*key = NULL;
}

enum err_code
key_fail(const char *what, struct err *err)
{
	char reason[160] = "no reason given";
	unsigned long code = ERR_peek_last_error();

	if (code != 0)
		ERR_error_string_n(code, reason, sizeof(reason));
	ERR_clear_error();
	return err_sayf(
	    err, ERR_INTERNAL, "OpenSSL could not %s: %s", what, reason);
}

enum err_code
key_make(struct str kind, EVP_PKEY **out, struct err *err)
{
	uint32_t bits = 0;

	*out = NULL;
	if (str_eq_nocase(kind, STR("ec:p256")))
		*out = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	else if (str_eq_nocase(kind, STR("ec:p384")))
		*out = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384");
	else if (str_starts_nocase(kind, STR("rsa:")) &&
	         num_u32(str_slice(kind, 4, kind.len), RSA_BITS_MIN,
	             RSA_BITS_MAX, &bits, err) == ERR_OK)
		*out = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);
	else
		return err_sayf(err, ERR_INPUT,
		    "--key takes ec:p256, ec:p384, or rsa: with %d to %d "
		    "bits (rsa:3072), not \"%.*s\".",
		    RSA_BITS_MIN, RSA_BITS_MAX, STR_ARG(kind));
	if (*out == NULL)
		return key_fail("make a key", err);
	return ERR_OK;
}

const EVP_MD *
key_digest(const EVP_PKEY *key)
{
	return EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_bits(key) > 256
	           ? EVP_sha384()
	           : EVP_sha256();
}

enum err_code
key_write(EVP_PKEY *key, const char *path, struct err *err)
{
	/* Memory that is wiped when it is given back. */
	CLEANUP(bio_free) BIO *bio = BIO_new(BIO_s_secmem());
	char *pem = NULL;

	if (bio == NULL || PEM_write_bio_PKCS8PrivateKey(
	                       bio, key, NULL, NULL, 0, NULL, NULL) != 1)
		return key_fail("write the key", err);
	long len = BIO_get_mem_data(bio, &pem);
	return file_write_new(path, str_of(pem, (size_t)len), 0600, err);
}

static void
add_public_hash(EVP_PKEY *key, struct buf *out)
{
	unsigned char *der = NULL;
	unsigned char hash[SHA256_DIGEST_LENGTH];
	int len = i2d_PUBKEY(key, &der);

	buf_add_c(out, ", public key SHA-256 ");
	if (len > 0 && EVP_Q_digest(NULL, "SHA256", NULL, der, (size_t)len,
	                   hash, NULL) == 1)
		for (size_t i = 0; i < sizeof(hash); i++)
			buf_addf(out, "%02x", hash[i]);
	else
		buf_add_c(out, "unknown");
	OPENSSL_free(der);
}

void
key_describe(EVP_PKEY *key, struct buf *out)
{
	char group[40] = "";
	size_t len = 0;

	if (key == NULL) {
		buf_add_c(out, "unknown kind of key");
		return;
	}
	if (EVP_PKEY_is_a(key, "EC") &&
	    EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME,
	        group, sizeof(group), &len) == 1)
		buf_addf(out, "EC %s",
		    str_eq(str_c(group), STR("prime256v1"))  ? "P-256"
		    : str_eq(str_c(group), STR("secp384r1")) ? "P-384"
		                                             : group);
	else
		buf_addf(out, "%s %d bits", EVP_PKEY_get0_type_name(key),
		    EVP_PKEY_get_bits(key));
	add_public_hash(key, out);
}
