#ifndef BASE_SECRET_H
#define BASE_SECRET_H
/*
 * Passwords, tokens and keys. Kept in one locked slab that is left out of
 * core dumps, wiped on end, compared in constant time. There is no way to
 * log one.
 */
#include "base/err.h"
#include "base/str.h"

struct secret {
	unsigned char *ptr; /* in the slab (or heap when it is full); owned */
	size_t len;
};

/* The slab: that much memory must be lockable (RLIMIT_MEMLOCK). */
#define SECRET_SLAB_BYTES ((size_t)4 << 20)
/* Prepares the slab; once, before any thread. False: memory not lockable. */
bool secret_slab_init(void);

/* Copies `bytes`. ERR_NO_MEMORY. The caller owns and ends it. */
enum err_code secret_init(
    struct secret *secret, struct str bytes, struct err *err) WARN_UNUSED;
/* Random bytes of OpenSSL. ERR_INTERNAL when there are none. */
enum err_code secret_random(
    struct secret *secret, size_t len, struct err *err) WARN_UNUSED;
/* Room for `len` bytes to be filled through ->ptr. */
enum err_code secret_room(
    struct secret *secret, size_t len, struct err *err) WARN_UNUSED;
enum err_code secret_dup(struct secret *secret, const struct secret *from,
    struct err *err) WARN_UNUSED;
/* Wipes and gives back; an empty or ended one is accepted. */
void secret_end(struct secret *secret);
bool secret_eq(const struct secret *a, const struct secret *b);
/* The same for bytes: constant time for equal lengths. */
bool secret_bytes_eq(struct str a, struct str b);
/* Borrowed view, for handing to a library; never to a log. */
struct str secret_str(const struct secret *secret);
/* Wipes memory in a way the compiler does not remove. */
void secret_wipe(void *ptr, size_t len);
/* Fills with random bytes; aborts when OpenSSL has none (RAND_bytes). */
void secret_fill_random(void *ptr, size_t len);

#endif
