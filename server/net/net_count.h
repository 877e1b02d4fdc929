#ifndef NET_COUNT_H
#define NET_COUNT_H
/* How many connections each network has open. Inside net; thread-safe. */
#include <stdbool.h>
#include <stdint.h>

struct net_count;

struct net_count *net_count_new(void); /* NULL without memory */
void net_count_free(struct net_count *count);
/* Counts one more; false when `max` are there already. */
bool net_count_enter(struct net_count *count, uint64_t network, uint32_t max);
void net_count_leave(struct net_count *count, uint64_t network);

#endif
