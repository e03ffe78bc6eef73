/* fault.h - what the paper venue does wrong on demand: a list of rules, and what they strike.
 *
 * Pure. Chance follows from the seed, the rule and the number of the match alone, so that a script
 * strikes the same messages each time. The first rule of the list that strikes a message is the
 * only one; those before it have counted the match, those behind it have not. */
#ifndef PAPER_FAULT_H
#define PAPER_FAULT_H

#include "base/writer.h"
#include "paper/fault_rule.h"

enum {
    PAPER_FAULTS_MAX = 256, /* further ones: KEEL_FULL; those that are over count until cleared */
    PAPER_FAULT_TEXT_SIZE = 1024, /* of one rule: KEEL_CONFIG */
};

struct paper_fault {
    struct paper_fault_rule rule;
    int64_t id;      /* from 1, never twice */
    int64_t from_ms; /* the wall clock from which on it is in force */
    int64_t matched, struck;
    char text[PAPER_FAULT_TEXT_SIZE]; /* as it was given */
};

struct paper_faults {
    struct paper_fault *at;
    int count, capacity;
    int64_t next_id;
    uint64_t seed;
};

/* A message that a rule may match. */
struct paper_fault_subject {
    keel_str method, path; /* of a call */
    keel_str event;        /* of a frame */
    enum paper_stream_kind stream;
    int account; /* 0: nobody's */
};

void paper_faults_init(struct paper_faults *faults, uint64_t seed);
void paper_faults_deinit(struct paper_faults *faults);

/* One rule: one JSON object. KEEL_CONFIG, with the member that is wrong; KEEL_FULL. */
KEEL_MUST_USE enum keel_status paper_faults_add(struct paper_faults *faults, keel_str json,
                                                int64_t now_ms, struct keel_error *error);

/* A rule a line; empty lines and those that begin with '#' are passed over. The message begins with
 * the number of the line that is wrong; the lines before it have been added. */
KEEL_MUST_USE enum keel_status paper_faults_load(struct paper_faults *faults, keel_str text,
                                                 int64_t now_ms, struct keel_error *error);
void paper_faults_clear(struct paper_faults *faults);

/* {"faults":[{"id":1,"matched":3,"struck":1,"fault":{...}}]} */
void paper_faults_write(const struct paper_faults *faults, struct keel_writer *json);

/* The rule that strikes this message now; NULL: none. Each message is asked about once. Good until
 * the list changes. */
const struct paper_fault_rule *paper_faults_strike(struct paper_faults *faults,
                                                   enum paper_fault_target target,
                                                   const struct paper_fault_subject *subject,
                                                   int64_t now_ms);

/* Whether a silence without pings lies over the stream. */
bool paper_faults_mute(const struct paper_faults *faults, const struct paper_fault_subject *subject,
                       int64_t now_ms);

/* By how much the venue's clock is off. */
int64_t paper_faults_clock_ms(const struct paper_faults *faults, int64_t now_ms);

/* Whether new connections are refused. */
bool paper_faults_refuse(const struct paper_faults *faults, int64_t now_ms);

/* The next listen key to lose: *account 0 is every account's. False: none is due. */
bool paper_faults_next_expiry(struct paper_faults *faults, int64_t now_ms, int *account,
                              int *notices);

#endif
