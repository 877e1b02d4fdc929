#ifndef OS_ZONE_H
#define OS_ZONE_H
/*
 * Time zones: this machine's, and those of the system's tz database by name,
 * as their files say (TZif, RFC 9636). A zone is read when it is asked for,
 * so that an update of the database holds from the next request on.
 */
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define ZONE_NAME_BYTES 64u

struct zone; /* immutable */

/*
 * The zone of that name ("Europe/Berlin"), in the arena. ERR_INPUT: there is
 * none, said with the name; ERR_NO_MEMORY.
 */
enum err_code zone_open(struct str name, struct arena *arena,
    const struct zone **out, struct err *err) WARN_UNUSED;
/* The same from a file's bytes, which it borrows. ERR_INPUT: damaged. */
enum err_code zone_parse(struct str bytes, struct arena *arena,
    const struct zone **out, struct err *err) WARN_UNUSED;

/*
 * Minutes east of UTC at that moment, daylight saving included; NULL: of this
 * machine. Any thread.
 */
int zone_offset_minutes(const struct zone *zone, int64_t unix_s);
/*
 * The moment when wall clocks there show `wall_s` (as if it were UTC): the
 * first where they show it twice; where they leave it out, as if they had not
 * been put forward yet (RFC 5545, 3.3.5).
 */
int64_t zone_moment(const struct zone *zone, int64_t wall_s);

/* The names that people choose from, sorted; none without the database. */
struct zone_names {
	struct str *list;
	size_t count;
};
enum err_code zone_names_read(
    struct arena *arena, struct zone_names *out, struct err *err) WARN_UNUSED;

#endif
