namespace XenBalloon.Cli.Toolstack;

/// <summary>How a command of xl's starts a domain.</summary>
internal enum XlStart
{
    /// <summary>It starts none.</summary>
    None,

    /// <summary><c>xl create</c>: a new domain.</summary>
    Create,

    /// <summary><c>xl restore</c>: from a file.</summary>
    Restore,

    /// <summary><c>xl migrate-receive</c>: from another host.</summary>
    MigrateReceive,
}
