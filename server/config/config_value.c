#include "config/config_value.h"

#include "base/scan.h"
#include "os/credential.h"

/*
 * value    = bool / number / duration / bytes / choice / text
 * bool     = "0" / "1" / "no" / "yes" / "off" / "on" / "false" / "true"
 * duration = 1*DIGIT ("ms" / "s" / "m" / "h" / "d") / "0"
 * bytes    = 1*DIGIT ("K" / "M" / "G") ["B"] / "0"
 */

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit duration_units[] = {
    {"ms", 1},
    {"s", 1000},
    {"m", UINT64_C(60) * 1000},
    {"h", UINT64_C(3600) * 1000},
    {"d", UINT64_C(86400) * 1000},
    {NULL, 0},
};
static const struct unit byte_units[] = {
    {"K", UINT64_C(1) << 10},
    {"M", UINT64_C(1) << 20},
    {"G", UINT64_C(1) << 30},
    {"KB", UINT64_C(1) << 10},
    {"MB", UINT64_C(1) << 20},
    {"GB", UINT64_C(1) << 30},
    {NULL, 0},
};
static const char *const bool_words[] = {
    "0", "1", "no", "yes", "off", "on", "false", "true", NULL};

/* The place of a word in its list. */
static bool
read_word(struct str value, const char *const *words, uint64_t *out)
{
	for (uint64_t i = 0; words[i] != NULL; i++) {
		if (str_eq_nocase(value, str_c(words[i]))) {
			*out = i;
			return true;
		}
	}
	return false;
}

static bool
read_with_unit(struct str value, const struct unit *units, uint64_t *out)
{
	struct scan scan = scan_of(value);
	struct str unit;
	uint64_t number = 0;

	if (!scan_u64(&scan, UINT64_MAX, &number))
		return false;
	scan_blank(&scan);
	unit = scan_rest(&scan);
	if (number == 0 && str_is_empty(unit)) {
		*out = 0;
		return true;
	}
	for (size_t i = 0; units[i].name != NULL; i++)
		if (str_eq_nocase(unit, str_c(units[i].name)))
			return !__builtin_mul_overflow(
			    number, units[i].factor, out);
	return false;
}

static bool
read_plain(struct str value, uint64_t *out)
{
	struct scan scan = scan_of(value);

	return scan_u64(&scan, UINT64_MAX, out) && scan_end(&scan);
}

/* Any type but texts, as a number. */
static bool
read_number(const struct config_key *key, struct str value, uint64_t *out)
{
	switch (key->type) {
	case CONFIG_IS_BOOL:
		if (!read_word(value, bool_words, out))
			return false;
		*out %= 2;
		return true;
	case CONFIG_IS_CHOICE:
		return read_word(value, config_table_choices(key), out);
	case CONFIG_IS_DURATION:
		return read_with_unit(value, duration_units, out);
	case CONFIG_IS_BYTES:
		return read_with_unit(value, byte_units, out);
	case CONFIG_IS_U32:
	case CONFIG_IS_PORT:
		return read_plain(value, out);
	case CONFIG_IS_TEXT:
	case CONFIG_IS_PATH:
		break;
	}
	return false;
}

static bool
is_in_range(const struct config_key *key, uint64_t number)
{
	uint64_t min = 0;
	uint64_t max = UINT64_MAX;

	if (key->type == CONFIG_IS_BOOL || key->type == CONFIG_IS_CHOICE)
		return true;
	/* The range is ours: a row that cannot be read is our mistake. */
	ensure(read_number(key, str_c(key->min), &min));
	ensure(read_number(key, str_c(key->max), &max));
	return number >= min && number <= max;
}

static void
store_number(const struct config_key *key, uint64_t number, void *place)
{
	switch (key->type) {
	case CONFIG_IS_BOOL:
		*(bool *)place = number != 0;
		break;
	case CONFIG_IS_CHOICE:
		*(int *)place = (int)number;
		break;
	case CONFIG_IS_DURATION:
		*(int64_t *)place = (int64_t)number;
		break;
	case CONFIG_IS_BYTES:
		*(uint64_t *)place = number;
		break;
	case CONFIG_IS_U32:
		*(uint32_t *)place = (uint32_t)number;
		break;
	case CONFIG_IS_PORT:
		*(uint16_t *)place = (uint16_t)number;
		break;
	case CONFIG_IS_TEXT:
	case CONFIG_IS_PATH:
		break;
	}
}

/* UTF-8 on one line, so that it can stand on pages, in logs and in paths. */
static bool
is_plain_text(struct str value)
{
	size_t at = 0;

	if (!str_is_utf8(value))
		return false;
	while (at < value.len) {
		uint32_t code_point = text_next(value, &at);

		if (code_point < 0x20 ||
		    (code_point >= 0x7f && code_point < 0xa0))
			return false;
	}
	return true;
}

static bool
read_text(const struct config_key *key, struct str value, struct str folder,
    struct arena *arena, struct str *place)
{
	struct str parts[3] = {{0}, {0}, value};
	struct str joined;
	const char *copy = NULL;

	if (!is_plain_text(value))
		return false;
	if (key->type == CONFIG_IS_PATH && !str_is_empty(value) &&
	    !str_starts(value, STR("/")) && !credential_is(value)) {
		parts[0] = folder;
		parts[1] = STR("/");
	}
	joined = str_join(arena, parts, 3);
	copy = str_dup_c(arena, joined);
	/* Out of memory is noticed by the arena's owner. */
	if (copy != NULL)
		*place = str_of(copy, joined.len);
	return true;
}

void
config_value_allowed(const struct config_key *key, struct buf *out)
{
	const char *const *words = NULL;

	switch (key->type) {
	case CONFIG_IS_BOOL:
		buf_add_c(out, "0 or 1");
		break;
	case CONFIG_IS_U32:
	case CONFIG_IS_PORT:
		buf_addf(
		    out, "a whole number from %s to %s", key->min, key->max);
		break;
	case CONFIG_IS_DURATION:
		buf_addf(out,
		    "a time from %s to %s, with its unit ms, s, m, "
		    "h or d",
		    key->min, key->max);
		break;
	case CONFIG_IS_BYTES:
		buf_addf(out, "a size from %s to %s, with its unit K, M or G",
		    key->min, key->max);
		break;
	case CONFIG_IS_TEXT:
		buf_add_c(out, "a line of text in UTF-8");
		break;
	case CONFIG_IS_PATH:
		buf_add_c(out, "a path in UTF-8");
		break;
	case CONFIG_IS_CHOICE:
		words = config_table_choices(key);
		for (size_t i = 0; words[i] != NULL; i++)
			buf_addf(out, "%s%s",
			    i == 0                 ? ""
			    : words[i + 1] == NULL ? " or "
			                           : ", ",
			    words[i]);
		break;
	}
}

bool
config_value_read(const struct config_key *key, struct str value,
    struct str folder, struct arena *arena, void *place, struct buf *why)
{
	uint64_t number = 0;
	bool is_text =
	    key->type == CONFIG_IS_TEXT || key->type == CONFIG_IS_PATH;

	if (is_text && read_text(key, value, folder, arena, place))
		return true;
	if (!is_text && read_number(key, value, &number) &&
	    is_in_range(key, number)) {
		store_number(key, number, place);
		return true;
	}
	buf_addf(why, "%s=", key->name);
	if (is_text)
		buf_add_c(why, "… holds bytes that are no text");
	else if (str_is_empty(value))
		buf_add_c(why, " has no value");
	else {
		buf_add(why, str_slice(value, 0, 60));
		buf_add_c(why, read_number(key, value, &number)
		                   ? " is out of range"
		                   : " cannot be read");
	}
	buf_add_c(why, "; allowed: ");
	config_value_allowed(key, why);
	return false;
}
