import { SessionCommand } from '../../lifecycle/session-command.js';
export default class SessionsList extends SessionCommand {
    static summary: string;
    static examples: string[];
    static flags: {
        backend: import("@oclif/core/interfaces").OptionFlag<string | undefined, import("@oclif/core/interfaces").CustomOptions>;
        status: import("@oclif/core/interfaces").OptionFlag<"error" | "running" | "active" | "completed" | "paused" | undefined, import("@oclif/core/interfaces").CustomOptions>;
        here: import("@oclif/core/interfaces").BooleanFlag<boolean>;
        tag: import("@oclif/core/interfaces").OptionFlag<string[] | undefined, import("@oclif/core/interfaces").CustomOptions>;
        since: import("@oclif/core/interfaces").OptionFlag<string | undefined, import("@oclif/core/interfaces").CustomOptions>;
        run: import("@oclif/core/interfaces").OptionFlag<string | undefined, import("@oclif/core/interfaces").CustomOptions>;
        sort: import("@oclif/core/interfaces").OptionFlag<"backend" | "tokens" | "used" | "created" | undefined, import("@oclif/core/interfaces").CustomOptions>;
        limit: import("@oclif/core/interfaces").OptionFlag<number | undefined, import("@oclif/core/interfaces").CustomOptions>;
        json: import("@oclif/core/interfaces").BooleanFlag<boolean>;
    };
    run(): Promise<void>;
}
