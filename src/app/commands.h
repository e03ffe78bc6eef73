/* commands.h - what the program can do: one description a command. */
#ifndef APP_COMMANDS_H
#define APP_COMMANDS_H

#include "app/options.h"
#include "keel/journal.h"

/* cmd_account.c */
extern const struct app_command app_balances, app_positions, app_risk, app_orders, app_executions,
    app_stats, app_fees;
/* cmd_trade.c */
extern const struct app_command app_order, app_amend, app_close, app_cancel, app_cancel_all;
/* cmd_setting.c */
extern const struct app_command app_leverage, app_margin_mode, app_margin, app_hedge_mode,
    app_countdown;
/* cmd_wallet.c */
extern const struct app_command app_transfer, app_withdraw, app_cancel_withdrawal, app_withdrawals,
    app_deposits, app_networks;
/* cmd_journal.c */
extern const struct app_command app_journal;
enum app_exit app_show_journal(const struct app_options *options, enum keel_journal_list list);
/* cmd_watch.c */
extern const struct app_command app_watch;
/* cmd_paper.c */
extern const struct app_command app_paper;
/* cmd_demo.c */
extern const struct app_command app_demo;
/* cmd_codec.c */
extern const struct app_command app_encode, app_decode;
/* cmd_version.c */
extern const struct app_command app_version;

#endif
