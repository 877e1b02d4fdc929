#ifndef MIME_MIME_CALENDAR_H
#define MIME_MIME_CALENDAR_H
/*
 * Events of a calendar (iCalendar, RFC 5545; invitations, RFC 5546), text
 * only. A parser of our own: libical spends minutes on a time zone whose rule
 * says "every second".
 */
#include "mime/mime.h"

#define MIME_EVENTS_MAX       20u
#define MIME_EVENT_PEOPLE_MAX 50u

enum mime_time_kind {
	MIME_TIME_NONE,
	MIME_TIME_DAY,    /* a whole day: unix_s is its midnight in UTC */
	MIME_TIME_MOMENT, /* unix_s */
	/* As written, in `zone` that we do not know, or wherever one is
	 * (empty): unix_s as if it were UTC. */
	MIME_TIME_WRITTEN
};
struct mime_time {
	enum mime_time_kind kind;
	int64_t unix_s;
	struct text zone;
};

enum mime_answer {
	MIME_ANSWER_NONE, /* nothing said, or not yet */
	MIME_ANSWER_ACCEPTED,
	MIME_ANSWER_DECLINED,
	MIME_ANSWER_TENTATIVE,
	MIME_ANSWER_DELEGATED
};
struct mime_event_person {
	struct text name; /* may be empty */
	struct text address;
	enum mime_answer answer;
	bool is_optional;
};

enum mime_repeat_every {
	MIME_REPEAT_NEVER,
	MIME_REPEAT_DAY,
	MIME_REPEAT_WEEK,
	MIME_REPEAT_MONTH,
	MIME_REPEAT_YEAR,
	MIME_REPEAT_OFTEN /* hours and less */
};
struct mime_repeat {
	enum mime_repeat_every every;
	uint32_t interval; /* 2: every second week */
	uint32_t count;    /* 0: no end by number */
	struct mime_time until;
	unsigned weekdays; /* bit 0: Sunday */
	/* The nth of the one weekday in the month, -1: the last; 0: each. */
	int nth;
	int month_day; /* 0: none said */
	bool has_more; /* rules that are not told here */
};

enum mime_event_kind {
	MIME_EVENT,
	MIME_EVENT_TASK,
	MIME_EVENT_JOURNAL,
	MIME_EVENT_BUSY
};
enum mime_event_status {
	MIME_EVENT_NO_STATUS,
	MIME_EVENT_CONFIRMED,
	MIME_EVENT_TENTATIVE,
	MIME_EVENT_CANCELLED,
	MIME_EVENT_DONE
};
struct mime_event {
	enum mime_event_kind kind;
	enum mime_event_status status;
	struct text summary, location, description, url;
	struct mime_event_person organizer; /* address empty: none */
	struct mime_event_person *people;
	size_t person_count;
	size_t people_left_out;
	/* Of whole days `end` is the last one, else the moment it is over. */
	struct mime_time start, end;
	struct mime_time instance; /* of a repeated one: only this time */
	struct mime_repeat repeat;
};

enum mime_method {
	MIME_METHOD_NONE,
	MIME_METHOD_PUBLISH,
	MIME_METHOD_REQUEST,
	MIME_METHOD_REPLY,
	MIME_METHOD_CANCEL,
	MIME_METHOD_COUNTER,
	MIME_METHOD_DECLINE_COUNTER,
	MIME_METHOD_OTHER
};
struct mime_calendar {
	enum mime_method method;
	struct mime_event *list;
	size_t count;
	bool is_cut; /* more events, or longer, than is read */
};

/* `bytes`: the part, decoded. Nothing in it: count 0. */
enum err_code mime_calendar_parse(struct str bytes, struct arena *arena,
    struct mime_calendar *out, struct err *err) WARN_UNUSED;

#endif
