#include "key.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "base/num.h"
#include "net/net_fips.h"
#include "os/file.h"
#include "own.h"

#define RSA_BITS_MAX 4096
/* About a third of a second, as OWASP advises for PBKDF2 with SHA-256. */
#define ITERATIONS 600000
#define SALT_BYTES 16

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

static bool
is_edwards(struct str kind)
{
	return str_eq_nocase(kind, STR("ed25519"));
}

/* 0: another kind, or not that many. */
static uint32_t
rsa_bits(struct str kind)
{
	struct err ignored = ERR_NONE;
	uint32_t bits = 0;

	if (!str_starts_nocase(kind, STR("rsa:")) ||
	    num_u32(str_slice(kind, 4, kind.len), KEY_RSA_BITS_MIN,
	        RSA_BITS_MAX, &bits, &ignored) != ERR_OK)
		return 0;
	return bits;
}

enum err_code
key_check_kind(struct str kind, struct err *err)
{
	if (is_edwards(kind) && net_fips_is_on())
		return err_sayf(err, ERR_INPUT,
		    "ed25519 is not among what FIPS allows here: take "
		    "ec:p256, ec:p384 or rsa:3072.");
	if (is_edwards(kind) || str_eq_nocase(kind, STR("ec:p256")) ||
	    str_eq_nocase(kind, STR("ec:p384")) || rsa_bits(kind) != 0)
		return ERR_OK;
	return err_sayf(err, ERR_INPUT,
	    "--key takes ec:p256, ec:p384, ed25519, or rsa: with %d to %d "
	    "bits (rsa:3072), not \"%.*s\".",
	    KEY_RSA_BITS_MIN, RSA_BITS_MAX, STR_ARG(kind));
}

enum err_code
key_make(struct str kind, EVP_PKEY **out, struct err *err)
{
	enum err_code rc = key_check_kind(kind, err);

	*out = NULL;
	if (rc != ERR_OK)
		return rc;
	if (is_edwards(kind))
		*out = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	else if (str_eq_nocase(kind, STR("ec:p256")))
		*out = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	else if (str_eq_nocase(kind, STR("ec:p384")))
		*out = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384");
	else
		*out = EVP_PKEY_Q_keygen(
		    NULL, NULL, "RSA", (size_t)rsa_bits(kind));
	return *out != NULL ? ERR_OK : key_fail("make a key", err);
}

bool
key_is_weak(const EVP_PKEY *key)
{
	if (key == NULL)
		return true;
	if (EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS"))
		return EVP_PKEY_get_bits(key) < KEY_RSA_BITS_MIN;
	if (EVP_PKEY_is_a(key, "EC"))
		return EVP_PKEY_get_bits(key) < KEY_EC_BITS_MIN;
	return EVP_PKEY_is_a(key, "DSA");
}

const EVP_MD *
key_digest(const EVP_PKEY *key)
{
	if (EVP_PKEY_is_a(key, "ED25519"))
		return NULL;
	return EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_bits(key) > 256
	           ? EVP_sha384()
	           : EVP_sha256();
}

/* RFC 8018, PBES2: what is guessed offline costs each guess some time. */
static bool
write_locked(BIO *bio, EVP_PKEY *key, const char *password)
{
	PKCS8_PRIV_KEY_INFO *plain = EVP_PKEY2PKCS8(key);
	unsigned char salt[SALT_BYTES];
	X509_SIG *locked = NULL;

	secret_fill_random(salt, sizeof(salt));
	X509_ALGOR *how = PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), ITERATIONS, salt,
	    (int)sizeof(salt), NULL, NID_hmacWithSHA256);
	if (plain != NULL && how != NULL)
		locked = PKCS8_set0_pbe(password, -1, plain, how);
	if (locked == NULL)
		X509_ALGOR_free(how);
	bool ok = locked != NULL && PEM_write_bio_PKCS8(bio, locked) == 1;
	PKCS8_PRIV_KEY_INFO_free(plain);
	X509_SIG_free(locked);
	return ok;
}

enum err_code
key_pem(EVP_PKEY *key, const struct secret *password, BIO **bio,
    struct str *out, struct err *err)
{
	bool has_password = password != NULL && password->ptr != NULL;
	char *pem = NULL;

	/* Memory that is wiped when it is given back. */
	*bio = BIO_new(BIO_s_secmem());
	bool ok = *bio != NULL;
	if (ok && has_password)
		ok = write_locked(*bio, key, secret_str(password).ptr);
	else if (ok)
		ok = PEM_write_bio_PKCS8PrivateKey(
		         *bio, key, NULL, NULL, 0, NULL, NULL) == 1;
	if (!ok)
		return key_fail("write the key", err);
	long len = BIO_get_mem_data(*bio, &pem);
	*out = str_of(pem, (size_t)len);
	return ERR_OK;
}

enum err_code
key_write(EVP_PKEY *key, const struct secret *password, const char *path,
    struct err *err)
{
	CLEANUP(own_bio_free) BIO *bio = NULL;
	struct str pem = {0};
	enum err_code rc = key_pem(key, password, &bio, &pem, err);

	return rc == ERR_OK ? file_write_new(path, pem, 0600, err) : rc;
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
