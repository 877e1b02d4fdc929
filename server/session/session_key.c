#include "session/session_key.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "os/file.h"

#define KEY_BYTES    32
#define NONCE_BYTES  12
#define TAG_BYTES    16
#define SEAL_VERSION 1
/* version, nonce, tag */
#define SEAL_EXTRA (1 + NONCE_BYTES + TAG_BYTES)
_Static_assert(SEAL_EXTRA == SESSION_SEAL_EXTRA, "as the header says");
/* A sealed text is a password or a small record. */
#define SEAL_MAX ((size_t)1 << 20)

static enum err_code
crypto_failed(const char *what, struct err *err)
{
	return err_setf(err, ERR_INTERNAL,
	    "The server had a problem with its keys. Please try again.",
	    "OpenSSL: %s failed", what);
}

static enum err_code
key_read(const char *path, struct secret *out, struct err *err)
{
	CLEANUP(file_close) int fd = -1;
	enum err_code rc = file_open(path, &fd, err);

	if (rc != ERR_OK)
		return err_sayf(err, ERR_CONFIG,
		    "The server key %s cannot be read. It must belong to the "
		    "user of the server, with mode 600.",
		    path);
	if (file_is_open_to_others(fd))
		return err_sayf(err, ERR_CONFIG,
		    "Others may read the server key %s. Mend it with: "
		    "chmod 600 %s",
		    path, path);
	rc = file_read_secret_fd(fd, 4096, out, err);
	if (rc == ERR_OK && out->len == KEY_BYTES)
		return ERR_OK;
	secret_end(out);
	return err_sayf(err, ERR_CONFIG,
	    "The server key %s must hold %d bytes and does not. Restore it "
	    "from a backup; or move it away, then a new one is made and "
	    "everybody has to log in again.",
	    path, KEY_BYTES);
}

enum err_code
session_key_load(const char *path, struct secret *out, struct err *err)
{
	*out = (struct secret){.ptr = NULL};
	if (!file_exists(path)) {
		CLEANUP(secret_end) struct secret fresh = {.ptr = NULL};
		enum err_code rc = secret_random(&fresh, KEY_BYTES, err);
		if (rc != ERR_OK)
			return rc;
		rc = file_write_new(path, secret_str(&fresh), 0600, err);
		/* ERR_INPUT: another process made it just now. */
		if (rc != ERR_OK && rc != ERR_INPUT)
			return err_sayf(err, ERR_CONFIG,
			    "The server key %s cannot be made. Make its "
			    "folder, owned by the user of the server "
			    "(StateDir= in [Server]).",
			    path);
	}
	return key_read(path, out, err);
}

EVP_MAC_CTX *
session_key_hmac(void)
{
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
	    OSSL_PARAM_construct_end()};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *ctx = mac != NULL ? EVP_MAC_CTX_new(mac) : NULL;

	EVP_MAC_free(mac);
	if (ctx != NULL && EVP_MAC_CTX_set_params(ctx, params) == 1)
		return ctx;
	EVP_MAC_CTX_free(ctx);
	return NULL;
}

static bool
key_hmac(const struct sessions *sessions, struct str key, struct str bytes,
    unsigned char out[SESSION_HASH_BYTES])
{
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_dup(sessions->hmac);
	size_t len = 0;
	bool is_done = ctx != NULL &&
	               EVP_MAC_init(ctx, (const unsigned char *)key.ptr,
	                   key.len, NULL) == 1 &&
	               EVP_MAC_update(ctx, (const unsigned char *)bytes.ptr,
	                   bytes.len) == 1 &&
	               EVP_MAC_final(ctx, out, &len, SESSION_HASH_BYTES) == 1;

	EVP_MAC_CTX_free(ctx);
	return is_done && len == SESSION_HASH_BYTES;
}

/*
 * HKDF of RFC 5869 without salt, for one block: PRK = HMAC(zeros, material),
 * T(1) = HMAC(PRK, info | 0x01). OpenSSL's own looks HMAC and SHA-256 up by
 * their names each time, which costs five times as much as the hashing.
 */
static bool
key_hkdf(const struct sessions *sessions, struct str material, struct str info,
    unsigned char out[SESSION_HASH_BYTES])
{
	static const char zeros[SESSION_HASH_BYTES];
	unsigned char prk[SESSION_HASH_BYTES];
	bool is_done =
	    key_hmac(sessions, str_of(zeros, sizeof(zeros)), material, prk) &&
	    key_hmac(
	        sessions, str_of((const char *)prk, sizeof(prk)), info, out);

	secret_wipe(prk, sizeof(prk));
	return is_done;
}

enum err_code
session_key_derive(const struct sessions *sessions, struct str secret,
    const char *purpose, struct str context,
    unsigned char out[SESSION_HASH_BYTES], struct err *err)
{
	char material[KEY_BYTES + 64];
	char info[128];
	bool is_done;

	ensure(secret.len <= 64 && context.len <= 64);
	/* "purpose NUL context": a purpose is a literal without NUL. */
	int named = snprintf(info, sizeof(info), "iwebmsg %s", purpose);
	ensure(named > 0 && (size_t)named + 2 + context.len <= sizeof(info));
	size_t info_len = (size_t)named + 1;
	if (context.len > 0)
		memcpy(info + info_len, context.ptr, context.len);
	info_len += context.len;
	info[info_len++] = 0x01; /* the first block */
	memcpy(material, sessions->key.ptr, KEY_BYTES);
	if (secret.len > 0)
		memcpy(material + KEY_BYTES, secret.ptr, secret.len);
	is_done = key_hkdf(sessions, str_of(material, KEY_BYTES + secret.len),
	    str_of(info, info_len), out);
	secret_wipe(material, sizeof(material));
	return is_done ? ERR_OK : crypto_failed("HKDF", err);
}

/* Lengths go in too, so that no two lists of parts look alike. */
static bool
add_bound(EVP_CIPHER_CTX *ctx, const struct session_key_use *use)
{
	int len = 0;

	for (size_t i = 0; i < 3; i++) {
		struct str part = use->bound[i];
		unsigned char size[4] = {(unsigned char)(part.len >> 24),
		    (unsigned char)(part.len >> 16),
		    (unsigned char)(part.len >> 8), (unsigned char)part.len};
		const unsigned char *bytes = (const unsigned char *)part.ptr;
		ensure(part.len <= SEAL_MAX);
		if (EVP_CipherUpdate(ctx, NULL, &len, size, 4) != 1)
			return false;
		if (part.len > 0 && EVP_CipherUpdate(ctx, NULL, &len, bytes,
		                        (int)part.len) != 1)
			return false;
	}
	return true;
}

static EVP_CIPHER_CTX *
cipher_start(const struct sessions *sessions, const struct session_key_use *use,
    const unsigned char *nonce, bool is_seal, struct err *err)
{
	unsigned char key[SESSION_HASH_BYTES];
	EVP_CIPHER_CTX *ctx = NULL;

	if (session_key_derive(sessions, use->secret, use->purpose, STR(""),
	        key, err) != ERR_OK)
		return NULL;
	ctx = EVP_CIPHER_CTX_new();
	if (ctx == NULL ||
	    EVP_CipherInit_ex2(
	        ctx, sessions->cipher, key, nonce, is_seal, NULL) != 1 ||
	    !add_bound(ctx, use)) {
		EVP_CIPHER_CTX_free(ctx);
		ctx = NULL;
		crypto_failed("AES-GCM", err);
	}
	secret_wipe(key, sizeof(key));
	return ctx;
}

enum err_code
session_key_seal(const struct sessions *sessions,
    const struct session_key_use *use, struct str plain, struct arena *arena,
    struct str *out, struct err *err)
{
	int len = 0;

	*out = STR("");
	if (plain.len > SEAL_MAX)
		return err_set(err, ERR_LIMIT, "This is too long.", NULL);
	unsigned char *box = arena_alloc(arena, plain.len + SEAL_EXTRA);
	if (box == NULL)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	unsigned char *text = box + 1 + NONCE_BYTES;
	box[0] = SEAL_VERSION;
	secret_fill_random(box + 1, NONCE_BYTES);
	EVP_CIPHER_CTX *ctx = cipher_start(sessions, use, box + 1, true, err);
	if (ctx == NULL)
		return ERR_INTERNAL;
	bool ok = EVP_CipherUpdate(ctx, text, &len,
	              (const unsigned char *)(plain.len > 0 ? plain.ptr : ""),
	              (int)plain.len) == 1 &&
	          EVP_CipherFinal_ex(ctx, text + len, &len) == 1 &&
	          EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES,
	              text + plain.len) == 1;
	EVP_CIPHER_CTX_free(ctx);
	if (!ok)
		return crypto_failed("AES-GCM", err);
	*out = str_of((const char *)box, plain.len + SEAL_EXTRA);
	return ERR_OK;
}

static enum err_code
not_ours(struct err *err)
{
	return err_set(err, ERR_FORBIDDEN,
	    "This is not valid here, or not any more.",
	    "sealed text does not open");
}

enum err_code
session_key_unseal(const struct sessions *sessions,
    const struct session_key_use *use, struct str sealed, struct secret *out,
    struct err *err)
{
	unsigned char tag[TAG_BYTES];
	int len = 0;

	*out = (struct secret){.ptr = NULL};
	if (sealed.len < SEAL_EXTRA || sealed.len > SEAL_MAX + SEAL_EXTRA ||
	    sealed.ptr[0] != SEAL_VERSION)
		return not_ours(err);
	const unsigned char *box = (const unsigned char *)sealed.ptr;
	const unsigned char *text = box + 1 + NONCE_BYTES;
	size_t text_len = sealed.len - SEAL_EXTRA;
	memcpy(tag, text + text_len, TAG_BYTES);
	enum err_code rc = secret_room(out, text_len, err);
	if (rc != ERR_OK)
		return rc;
	EVP_CIPHER_CTX *ctx = cipher_start(sessions, use, box + 1, false, err);
	if (ctx == NULL) {
		secret_end(out);
		return ERR_INTERNAL;
	}
	bool ok =
	    EVP_CipherUpdate(ctx, out->ptr, &len, text, (int)text_len) == 1 &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, tag) ==
	        1 &&
	    EVP_CipherFinal_ex(ctx, out->ptr + len, &len) == 1;
	EVP_CIPHER_CTX_free(ctx);
	if (ok)
		return ERR_OK;
	secret_end(out);
	return not_ours(err);
}

struct str
session_key_hash(
    const struct sessions *sessions, struct arena *arena, struct str bytes)
{
	unsigned char *hash = arena_alloc(arena, SESSION_HASH_BYTES);
	unsigned len = 0;

	if (hash == NULL)
		return (struct str){.ptr = NULL, .len = 0};
	int ok = EVP_Digest(bytes.len > 0 ? bytes.ptr : "", bytes.len, hash,
	    &len, sessions->digest, NULL);
	ensure(ok == 1 && len == SESSION_HASH_BYTES);
	return str_of((const char *)hash, len);
}
