package format
import ("strings";"strconv";"testing";"os";"fmt";"io")
func TestTry(t *testing.T){
 if os.Getenv("TRY")=="" {t.Skip()}
 b,_:=os.ReadFile(os.Getenv("TRY")); _=io.EOF
 o,err:=Source(b)
 fmt.Print(string(o)); fmt.Println("ERR",err)
 if err!=nil { b2,_:=write(scan(normal(string(b))),1<<20); fmt.Print(string(b2)) }
}
func TestTryQ(t *testing.T){
 if os.Getenv("TRYQ")=="" {t.Skip()}
 b,err:=unq(os.Getenv("TRYQ")); if err!=nil{t.Fatal(err)}
 o,err:=Source(b)
 fmt.Printf("in:\n%s\nout: %q ERR %v\n",b,o,err)
 b2,_:=write(scan(normal(string(b))),1<<20); fmt.Printf("%q\n",b2)
 for _,t:=range scan(normal(string(b))) {fmt.Printf("%d %q %q br%d col%d out%d\n",t.kind,t.text,t.lines,t.breaks,t.col,t.out)}
}
func unq(f string)([]byte,error){ b,err:=os.ReadFile(f); if err!=nil{return nil,err}
 l:=strings.SplitN(string(b),"\n",2)[1]; l=strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(l),"[]byte("),")"); s,err:=strconv.Unquote(l); return []byte(s),err}
