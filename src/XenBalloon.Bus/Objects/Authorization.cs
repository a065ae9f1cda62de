using XenBalloon.Bus.Definitions;

namespace XenBalloon.Bus.Objects;

/// <summary>
/// Who may do what: all may read; to change anything takes root, or polkit's word where it runs. The bus's policy lets every call through, so this is the one
/// place that decides.
/// </summary>
internal static class Authorization
{
    private const uint Root = 0;

    /// <summary>Does something for those who may change things, and only for them.</summary>
    /// <exception cref="MethodErrorException">The caller may not.</exception>
    internal static async Task<BusValue?> IfAllowedAsync(IMethodCall call, string action, Func<Task> change)
    {
        await RequireAsync(call, action);
        await change();
        return null;
    }

    /// <summary>Completes when the caller may do this.</summary>
    /// <exception cref="MethodErrorException">The caller may not.</exception>
    internal static async Task RequireAsync(IMethodCall call, string action)
    {
        uint caller = await call.GetCallerUidAsync();
        if (caller == Root) return;
        string remedy = await call.AskPolkitAsync(action) switch
        {
            PolkitAnswer.Authorized => "",
            PolkitAnswer.NeedsPassword => "use sudo, or let polkit ask for a password (pkttyagent)",
            PolkitAnswer.Absent => "use sudo",
            _ => $"use sudo, or allow it in polkit's rules ({action})",
        };
        if (remedy.Length > 0) throw new MethodErrorException(ErrorNames.AccessDenied, $"{call.Member} is for root only, and was called by uid {caller}: {remedy}");
    }
}
