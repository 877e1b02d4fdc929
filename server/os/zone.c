#include "os/zone.h"

#include "base/scan.h"
#include "os/file.h"
#include "os/zone_rule.h"

#define ZONE_FOLDER     "/usr/share/zoneinfo/"
#define ZONE_FILE_BYTES ((size_t)64 << 10)
#define ZONE_LIST_BYTES ((size_t)256 << 10)
#define ZONE_HEAD_BYTES 44u
#define ZONE_TYPE_BYTES 6u
#define ZONE_OFFSET_MAX (26 * 3600) /* RFC 9636, 3.2 */

/* The second data block of a file: 64-bit times. */
struct zone {
	const unsigned char *times; /* of changes, 8 bytes each, ascending */
	const unsigned char *types; /* in force from then on, a byte each */
	const unsigned char *infos; /* of a type: 4 bytes east of UTC first */
	size_t change_count, type_count;
	bool has_rule; /* after the last change */
	struct zone_rule rule;
};

/* ---- the file ---- */

static uint32_t
zone_u32(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	       (uint32_t)at[2] << 8 | at[3];
}

static int64_t
zone_time(const struct zone *zone, size_t index)
{
	const unsigned char *at = zone->times + index * 8;

	return (int64_t)((uint64_t)zone_u32(at) << 32 | zone_u32(at + 4));
}

static int32_t
zone_type_offset(const struct zone *zone, size_t type)
{
	return (int32_t)zone_u32(zone->infos + type * ZONE_TYPE_BYTES);
}

/*
 * "TZif" version(1) reserved(15) isutcnt(4) isstdcnt(4) leapcnt(4) timecnt(4)
 * typecnt(4) charcnt(4)
 */
struct zone_head {
	uint64_t ut_count, standard_count, leap_count;
	uint64_t change_count, type_count, letter_count;
};

static bool
zone_head(struct scan *scan, struct zone_head *out)
{
	struct str s = scan_take(scan, ZONE_HEAD_BYTES);
	const unsigned char *at = (const unsigned char *)s.ptr;

	if (s.len != ZONE_HEAD_BYTES || !str_starts(s, STR("TZif")) ||
	    at[4] < '2')
		return false;
	out->ut_count = zone_u32(at + 20);
	out->standard_count = zone_u32(at + 24);
	out->leap_count = zone_u32(at + 28);
	out->change_count = zone_u32(at + 32);
	out->type_count = zone_u32(at + 36);
	out->letter_count = zone_u32(at + 40);
	return true;
}

/* Of a data block whose times have so many bytes; six 32-bit counts. */
static uint64_t
zone_block_bytes(const struct zone_head *head, uint64_t time_bytes)
{
	return head->change_count * (time_bytes + 1) +
	       head->type_count * ZONE_TYPE_BYTES + head->letter_count +
	       head->leap_count * (time_bytes + 4) + head->standard_count +
	       head->ut_count;
}

static bool
zone_is_sound(const struct zone *zone)
{
	if (zone->type_count == 0)
		return false;
	for (size_t i = 0; i < zone->change_count; i++)
		if (zone->types[i] >= zone->type_count ||
		    (i > 0 && zone_time(zone, i) <= zone_time(zone, i - 1)))
			return false;
	for (size_t i = 0; i < zone->type_count; i++)
		if (zone_type_offset(zone, i) > ZONE_OFFSET_MAX ||
		    zone_type_offset(zone, i) < -ZONE_OFFSET_MAX)
			return false;
	return true;
}

/* Header and block of 32-bit times, the same of 64 bits, LF rule LF. */
static bool
zone_read(struct scan *scan, struct zone *out)
{
	struct zone_head head;
	struct str block, rule;

	if (!zone_head(scan, &head) ||
	    zone_block_bytes(&head, 4) > scan_rest(scan).len)
		return false;
	(void)scan_take(scan, (size_t)zone_block_bytes(&head, 4));
	/* With leap seconds its times are not those of Unix. */
	if (!zone_head(scan, &head) || head.leap_count > 0 ||
	    zone_block_bytes(&head, 8) > scan_rest(scan).len)
		return false;
	block = scan_take(scan, (size_t)zone_block_bytes(&head, 8));
	out->change_count = (size_t)head.change_count;
	out->type_count = (size_t)head.type_count;
	out->times = (const unsigned char *)block.ptr;
	out->types = out->times + out->change_count * 8;
	out->infos = out->types + out->change_count;
	if (!zone_is_sound(out) || !scan_byte(scan, '\n'))
		return false;
	rule = scan_until_byte(scan, '\n');
	out->has_rule = rule.len > 0 && zone_rule_parse(rule, &out->rule);
	return scan_byte(scan, '\n');
}

enum err_code
zone_parse(struct str bytes, struct arena *arena, const struct zone **out,
    struct err *err)
{
	struct zone *zone = ARENA_NEW(arena, struct zone);
	struct scan scan = scan_of(bytes);

	*out = NULL;
	if (zone == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "zone_parse");
	if (!zone_read(&scan, zone))
		return err_set(err, ERR_INPUT,
		    "The file of this time zone cannot be read.", "zone_parse");
	*out = zone;
	return ERR_OK;
}

/*
 * Segments of letters, digits and "+-_" that begin with a capital: no path out
 * of the folder, no other file of it, and not the same zones with leap seconds.
 */
static bool
zone_is_name(struct str name)
{
	struct str rest = name;

	if (name.len == 0 || name.len > ZONE_NAME_BYTES)
		return false;
	while (rest.ptr != NULL) {
		struct str segment = str_cut(&rest, '/');
		struct scan scan = scan_of(segment);

		if (segment.len == 0 || segment.ptr[0] < 'A' ||
		    segment.ptr[0] > 'Z')
			return false;
		(void)scan_while(&scan, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		                        "abcdefghijklmnopqrstuvwxyz"
		                        "0123456789+-_");
		if (!scan_end(&scan))
			return false;
	}
	return true;
}

static enum err_code
zone_unknown(struct str name, struct err *err)
{
	if (!zone_is_name(name))
		return err_set(err, ERR_INPUT,
		    "This is not the name of a time zone. Time zones have "
		    "names such as Europe/Berlin.",
		    NULL);
	return err_sayf(err, ERR_INPUT,
	    "There is no time zone “%.*s” on this server. Time zones have "
	    "names such as Europe/Berlin.",
	    STR_ARG(name));
}

enum err_code
zone_open(struct str name, struct arena *arena, const struct zone **out,
    struct err *err)
{
	char path[sizeof(ZONE_FOLDER) + ZONE_NAME_BYTES];
	struct str bytes = {NULL, 0};
	enum err_code rc;

	*out = NULL;
	if (!zone_is_name(name))
		return zone_unknown(name, err);
	(void)snprintf(
	    path, sizeof(path), "%s%.*s", ZONE_FOLDER, STR_ARG(name));
	rc = file_is_folder(path)
	         ? ERR_NOT_FOUND
	         : file_read(path, ZONE_FILE_BYTES, arena, &bytes, NULL);
	if (rc == ERR_OK)
		rc = zone_parse(bytes, arena, out, err);
	if (rc == ERR_OK || rc == ERR_NO_MEMORY)
		return rc;
	return zone_unknown(name, err);
}

/* ---- times ---- */

static int32_t
zone_offset_s(const struct zone *zone, int64_t unix_s)
{
	size_t low = 0, high = zone->change_count;

	if (zone->has_rule &&
	    (high == 0 || unix_s >= zone_time(zone, high - 1)))
		return zone_rule_offset(&zone->rule, unix_s);
	/* The first change after it. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (zone_time(zone, middle) <= unix_s)
			low = middle + 1;
		else
			high = middle;
	}
	return zone_type_offset(zone, low == 0 ? 0 : zone->types[low - 1]);
}

static int32_t
zone_system_offset_s(int64_t unix_s)
{
	time_t when = (time_t)unix_s;
	struct tm local;

	if (localtime_r(&when, &local) == NULL)
		return 0;
	return (int32_t)local.tm_gmtoff;
}

static int32_t
zone_seconds(const struct zone *zone, int64_t unix_s)
{
	return zone != NULL ? zone_offset_s(zone, unix_s)
	                    : zone_system_offset_s(unix_s);
}

int
zone_offset_minutes(const struct zone *zone, int64_t unix_s)
{
	return (int)(zone_seconds(zone, unix_s) / 60);
}

int64_t
zone_moment(const struct zone *zone, int64_t wall_s)
{
	/* No zone changes twice within two days. */
	int32_t before_s = zone_seconds(zone, wall_s - 86400);
	int32_t after_s = zone_seconds(zone, wall_s + 86400);

	if (zone_seconds(zone, wall_s - before_s) != before_s &&
	    zone_seconds(zone, wall_s - after_s) == after_s)
		return wall_s - after_s;
	return wall_s - before_s;
}

/* ---- names ---- */

static int
zone_name_order(const void *a, const void *b)
{
	return str_compare(*(const struct str *)a, *(const struct str *)b);
}

/* Lines of zone.tab: country TAB place TAB name [ TAB words ] */
enum err_code
zone_names_read(struct arena *arena, struct zone_names *out, struct err *err)
{
	struct str bytes = {NULL, 0};
	size_t capacity = 0;
	enum err_code rc = file_read(
	    ZONE_FOLDER "zone.tab", ZONE_LIST_BYTES, arena, &bytes, err);

	*out = (struct zone_names){0};
	if (rc != ERR_OK)
		return rc == ERR_NO_MEMORY ? rc : ERR_OK;
	while (bytes.len > 0) {
		struct str line = str_cut(&bytes, '\n');
		struct str name;

		if (str_starts(line, STR("#")))
			continue;
		(void)str_cut(&line, '\t');
		(void)str_cut(&line, '\t');
		name = str_cut(&line, '\t');
		if (!zone_is_name(name))
			continue;
		out->list = arena_grow(
		    arena, out->list, out->count, &capacity, sizeof(name));
		if (out->list == NULL)
			return err_set(err, ERR_NO_MEMORY,
			    "The server is out of memory.", "zone_names");
		out->list[out->count++] = name;
	}
	if (out->count > 0)
		qsort(
		    out->list, out->count, sizeof(*out->list), zone_name_order);
	return ERR_OK;
}
