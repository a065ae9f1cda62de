using XenBalloon.Bus.Definitions;

namespace XenBalloon.Bus.Objects;

/// <summary>
/// Who may do what: all may read, and only root may change anything. The bus's policy lets every call through, so this is the one place that decides.
/// </summary>
internal static class Authorization
{
    private const uint Root = 0;

    /// <summary>Completes when the caller may change things.</summary>
    /// <exception cref="MethodErrorException">The caller may not.</exception>
    internal static async Task RequireAdministratorAsync(IMethodCall call)
    {
        uint caller = await call.GetCallerUidAsync();
        if (caller == Root) return;
        throw new MethodErrorException(ErrorNames.AccessDenied, $"{call.Member} is for root only, and was called by uid {caller}: use sudo");
    }
}
