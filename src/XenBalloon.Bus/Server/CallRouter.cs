using System.Globalization;
using Tmds.DBus.Protocol;
using XenBalloon.Bus.Connections;
using XenBalloon.Bus.Interfaces;

namespace XenBalloon.Bus.Server;

/// <summary>
/// Dispatches calls to the objects, after their callers are authorized, and implements the standard interfaces of
/// D-Bus. Used only on the server's queue.
/// </summary>
internal sealed class CallRouter(ObjectTree tree, Authorization authorization)
{
    // With some margin: a domain's properties have 1,300 bytes in the list of all objects.
    private const int ObjectBytes = 1536, ChildBytes = 48, IntrospectionBytes = 7168, OtherBytes = 1024;

    /// <summary>About how large the reply to a call is; callable from any thread.</summary>
    internal int ReplyBytesOf(MethodContext context)
    {
        if (context.IsDBusIntrospectRequest) return IntrospectionBytes + (tree.Count * ChildBytes);
        return context.Request.Member.SequenceEqual("GetManagedObjects"u8) ? tree.Count * ObjectBytes : OtherBytes;
    }

    /// <summary>Runs a call and sends its reply. Does not fail: a failure concerns this call alone.</summary>
    internal async Task ServeAsync(BusCall call)
    {
        try
        {
            await RouteAsync(call);
        }
        catch (Exception exception)
        {
            (string name, string message) = Describe(exception);
            call.ReplyError(name, message);
        }
    }

    private static (string Name, string Message) Describe(Exception exception) => exception switch
    {
        BusErrorException error => (error.Name, error.Message),
        ControlException refused => (refused.Error.BusName(), refused.Message),
        DBusMessageException => (BusErrors.InvalidArgs, $"invalid arguments: {exception.Message}"),
        _ => (ControlError.Failed.BusName(), exception.Message),
    };

    private async Task RouteAsync(BusCall call)
    {
        if (call.IsWithoutArguments) throw TooLarge();
        if (call.IsIntrospection)
        {
            Introspect(call);
            return;
        }

        if (!tree.TryGet(call.Path, out TreeObject target)) throw NoObject(call.Path);
        bool isOwn = Matches(call, target.State.Interface);
        if (isOwn && target.State.ActionOf(call.Member) is { } action)
        {
            await authorization.RequireAsync(call, action);
            call.Requester = Requester.Describe(call.Uid, call.Process);
        }

        if (isOwn && target.Invoke(call) is { } reply)
        {
            await reply;
            return;
        }

        bool isProperties = Matches(call, StandardInterfaces.Properties);
        bool isManager = call.Path == BusNames.Root && Matches(call, StandardInterfaces.ObjectManager);
        if (isProperties && ReplyProperties(call, target.State)) return;
        if (isManager && call.Member == StandardInterfaces.GetManagedObjects) ReplyManagedObjects(call);
        else throw isOwn || isProperties || isManager ? NoMethod(call) : NoInterface(call.Interface!);
    }

    /// <summary>A call may omit its interface.</summary>
    private static bool Matches(BusCall call, string interfaceName) =>
        call.Interface is null || call.Interface == interfaceName;

    private static BusErrorException TooLarge() => new(
        BusErrors.LimitsExceeded,
        string.Create(
            CultureInfo.InvariantCulture,
            $"message too large: expected at most {MessageFilter.MaxMessageBytes} bytes"));

    private static BusErrorException NoObject(string path) => new(BusErrors.UnknownObject, $"no object '{path}'");

    private static BusErrorException NoInterface(string name) =>
        new(BusErrors.UnknownInterface, $"no interface '{name}' at this object");

    private static BusErrorException NoMethod(BusCall call) => new(
        BusErrors.UnknownMethod,
        $"no method '{call.Member}'{(call.Interface is null ? "" : $" in interface {call.Interface}")}");

    private static BusErrorException NoProperty(string name) => new(BusErrors.UnknownProperty, $"no property '{name}'");

    private static bool ReplyProperties(BusCall call, IBusObject state)
    {
        Reader reader;
        switch (call.Member)
        {
            case "Get":
                reader = call.ReadArguments("ss");
                RequireInterface(BusValue.ReadString(ref reader), state);
                string name = BusValue.ReadString(ref reader);
                call.Reply("v", (ref writer) =>
                {
                    if (!state.TryWriteProperty(name, ref writer)) throw NoProperty(name);
                });
                return true;
            case "GetAll":
                reader = call.ReadArguments("s");
                string wanted = BusValue.ReadString(ref reader);
                bool isStandard = wanted.StartsWith("org.freedesktop.DBus.", StringComparison.Ordinal);
                if (!isStandard) RequireInterface(wanted, state);
                call.Reply("a{sv}", (ref writer) =>
                {
                    ArrayStart properties = writer.WriteDictionaryStart();
                    if (!isStandard) state.WriteProperties(ref writer);
                    writer.WriteDictionaryEnd(properties);
                });
                return true;
            case "Set":
                reader = call.ReadArguments("ssv");
                RequireInterface(BusValue.ReadString(ref reader), state);
                string changed = BusValue.ReadString(ref reader);
                if (!state.HasProperty(changed)) throw NoProperty(changed);
                throw new BusErrorException(
                    BusErrors.PropertyReadOnly, $"property '{changed}' is read-only: use the interface's methods");
            default:
                return false;
        }
    }

    private static void RequireInterface(string name, IBusObject state)
    {
        if (name.Length > 0 && name != state.Interface) throw NoInterface(name);
    }

    private void ReplyManagedObjects(BusCall call)
    {
        call.ReadArguments("");
        call.Reply("a{oa{sa{sv}}}", (ref writer) =>
        {
            ArrayStart all = writer.WriteDictionaryStart();
            foreach ((string path, TreeObject managed) in tree.Managed())
            {
                writer.WriteDictionaryEntryStart();
                writer.WriteObjectPath(path);
                ObjectTree.WriteInterfaces(ref writer, managed.State);
            }

            writer.WriteDictionaryEnd(all);
        });
    }

    private void Introspect(BusCall call)
    {
        string[] children = tree.ChildrenOf(call.Path);
        bool exists = tree.TryGet(call.Path, out TreeObject target);
        if (!exists && children.Length == 0) throw NoObject(call.Path);
        ReadOnlyMemory<byte>[] standard = call.Path == BusNames.Root
            ? [StandardInterfaces.PropertiesIntrospection, StandardInterfaces.ObjectManagerIntrospection]
            : [StandardInterfaces.PropertiesIntrospection];
        call.ReplyIntrospection(exists ? [.. standard, target.State.Introspection] : [], children);
    }
}

/// <summary>
/// The standard interfaces that the library leaves to its user; it implements Peer and Introspectable.
/// </summary>
internal static class StandardInterfaces
{
    internal const string Properties = "org.freedesktop.DBus.Properties";
    internal const string ObjectManager = "org.freedesktop.DBus.ObjectManager";
    internal const string GetManagedObjects = "GetManagedObjects";

    internal static readonly ReadOnlyMemory<byte> PropertiesIntrospection = """
        <interface name="org.freedesktop.DBus.Properties">
          <method name="Get">
            <arg name="interface_name" type="s" direction="in"/>
            <arg name="property_name" type="s" direction="in"/>
            <arg name="value" type="v" direction="out"/>
          </method>
          <method name="GetAll">
            <arg name="interface_name" type="s" direction="in"/>
            <arg name="properties" type="a{sv}" direction="out"/>
          </method>
          <method name="Set">
            <arg name="interface_name" type="s" direction="in"/>
            <arg name="property_name" type="s" direction="in"/>
            <arg name="value" type="v" direction="in"/>
          </method>
          <signal name="PropertiesChanged">
            <arg name="interface_name" type="s"/>
            <arg name="changed_properties" type="a{sv}"/>
            <arg name="invalidated_properties" type="as"/>
          </signal>
        </interface>

        """u8.ToArray();

    internal static readonly ReadOnlyMemory<byte> ObjectManagerIntrospection = """
        <interface name="org.freedesktop.DBus.ObjectManager">
          <method name="GetManagedObjects">
            <arg name="object_paths_interfaces_and_properties" type="a{oa{sa{sv}}}" direction="out"/>
          </method>
          <signal name="InterfacesAdded">
            <arg name="object_path" type="o"/>
            <arg name="interfaces_and_properties" type="a{sa{sv}}"/>
          </signal>
          <signal name="InterfacesRemoved">
            <arg name="object_path" type="o"/>
            <arg name="interfaces" type="as"/>
          </signal>
        </interface>

        """u8.ToArray();
}
