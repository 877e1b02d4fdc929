#include "base/num.h"

#include "base/scan.h"

enum err_code
num_u64(
    struct str s, uint64_t min, uint64_t max, uint64_t *out, struct err *err)
{
	struct scan scan = scan_of(s);
	uint64_t number;

	if (scan_u64(&scan, max, &number) && scan_end(&scan) && number >= min) {
		*out = number;
		return ERR_OK;
	}
	/* Words for nobody: many who ask only want to know. */
	if (err == NULL)
		return ERR_INPUT;
	return err_sayf(err, ERR_INPUT,
	    "A whole number from %llu to %llu is needed.",
	    (unsigned long long)min, (unsigned long long)max);
}

enum err_code
num_u32(
    struct str s, uint32_t min, uint32_t max, uint32_t *out, struct err *err)
{
	uint64_t number = 0;
	enum err_code rc = num_u64(s, min, max, &number, err);

	if (rc == ERR_OK)
		*out = (uint32_t)number;
	return rc;
}

enum err_code
num_i64(struct str s, int64_t min, int64_t max, int64_t *out, struct err *err)
{
	struct scan scan = scan_of(s);
	bool negative = scan_byte(&scan, '-');
	uint64_t size;
	int64_t number;

	if (!scan_u64(&scan, (uint64_t)INT64_MAX, &size) || !scan_end(&scan))
		return err_set(
		    err, ERR_INPUT, "A whole number is needed.", NULL);
	number = negative ? -(int64_t)size : (int64_t)size;
	if (number < min || number > max)
		return err_sayf(err, ERR_INPUT,
		    "A whole number from %lld to %lld is needed.",
		    (long long)min, (long long)max);
	*out = number;
	return ERR_OK;
}
