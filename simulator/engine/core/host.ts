/** Asked now and then in what takes long: it throws where nobody wants the result any more. The caller gives it. */
export declare function check(): void;
