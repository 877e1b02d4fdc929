#include "base/secret.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

/*
 * OpenSSL's secure heap is the slab: one locked mapping with guard pages,
 * left out of core dumps, wiped when freed. When it is full, allocations fall
 * back to its ordinary heap, and are wiped all the same.
 */
#define SECRET_LEAST 32

bool
secret_slab_init(void)
{
	if (CRYPTO_secure_malloc_initialized() == 1)
		return true;
	return CRYPTO_secure_malloc_init(SECRET_SLAB_BYTES, SECRET_LEAST) == 1;
}

enum err_code
secret_room(struct secret *secret, size_t len, struct err *err)
{
	/* A size of 0 has room too, so that ->ptr is never NULL. */
	unsigned char *ptr = OPENSSL_secure_zalloc(len == 0 ? 1 : len);

	*secret = (struct secret){NULL, 0};
	if (ptr == NULL)
		ptr = OPENSSL_zalloc(len == 0 ? 1 : len);
	if (ptr == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "secret");
	*secret = (struct secret){ptr, len};
	return ERR_OK;
}

enum err_code
secret_init(struct secret *secret, struct str bytes, struct err *err)
{
	enum err_code rc = secret_room(secret, bytes.len, err);

	if (rc == ERR_OK && bytes.len > 0)
		memcpy(secret->ptr, bytes.ptr, bytes.len);
	return rc;
}

enum err_code
secret_random(struct secret *secret, size_t len, struct err *err)
{
	enum err_code rc = secret_room(secret, len, err);

	if (rc != ERR_OK)
		return rc;
	secret_fill_random(secret->ptr, len);
	return ERR_OK;
}

enum err_code
secret_dup(struct secret *secret, const struct secret *from, struct err *err)
{
	return secret_init(secret, secret_str(from), err);
}

void
secret_end(struct secret *secret)
{
	if (secret->ptr != NULL)
		OPENSSL_secure_clear_free(
		    secret->ptr, secret->len == 0 ? 1 : secret->len);
	*secret = (struct secret){NULL, 0};
}

bool
secret_bytes_eq(struct str a, struct str b)
{
	return a.len == b.len &&
	       (a.len == 0 || CRYPTO_memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool
secret_eq(const struct secret *a, const struct secret *b)
{
	return secret_bytes_eq(secret_str(a), secret_str(b));
}

struct str
secret_str(const struct secret *secret)
{
	return str_of((const char *)secret->ptr, secret->len);
}

void
secret_wipe(void *ptr, size_t len)
{
	if (ptr != NULL)
		OPENSSL_cleanse(ptr, len);
}

void
secret_fill_random(void *ptr, size_t len)
{
	ensure(len <= (size_t)1 << 30);
	/* A program without randomness must not go on. */
	ensure(len == 0 || RAND_bytes(ptr, (int)len) == 1);
}
