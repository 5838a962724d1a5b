target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-unknown-linux-gnu"

%struct.Plan = type { i64, i64, i64, i32, i32, i32 }
%struct.Work = type { ptr, ptr, ptr, i64, i64 }
%struct.Param = type { i32, i32, i32, i32, i32, i32 }
%struct.Way = type { ptr, double, i64, i64, i64, i32, i32, i32, i32, i32, i32, [3 x i32], i32 }

@state = internal global i32 0, align 4
@handles = internal global [1024 x i64] zeroinitializer, align 16
@started = internal unnamed_addr global i64 0, align 8
@at_the_end = internal constant [1 x ptr] [ptr @KDSL_shutdown], section ".fini_array", align 8
@wanted = internal unnamed_addr global i32 0, align 4
@others_workers = internal unnamed_addr global i64 0, align 8
@others_context = internal unnamed_addr global ptr null, align 8
@others = internal unnamed_addr global ptr null, align 8
@KDSL_error_text.texts.rel = internal unnamed_addr constant [8 x i32] [i32 trunc (i64 sub (i64 ptrtoint (ptr @.str to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.1 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.2 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.3 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.4 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.5 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.6 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.7 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32)], align 4
@.str = private unnamed_addr constant [9 x i8] c"no error\00", align 1
@.str.1 = private unnamed_addr constant [62 x i8] c"a null pointer where an array, a shape or a value is expected\00", align 1
@.str.2 = private unnamed_addr constant [50 x i8] c"a grid, block or number of threads that cannot be\00", align 1
@.str.3 = private unnamed_addr constant [50 x i8] c"a negative extent, or an array larger than memory\00", align 1
@.str.4 = private unnamed_addr constant [40 x i8] c"an array whose elements are not aligned\00", align 1
@.str.5 = private unnamed_addr constant [51 x i8] c"an array to be written whose elements share memory\00", align 1
@.str.6 = private unnamed_addr constant [14 x i8] c"out of memory\00", align 1
@.str.7 = private unnamed_addr constant [27 x i8] c"no code for this processor\00", align 1
@.str.8 = private unnamed_addr constant [29 x i8] c"not an error of this library\00", align 1
@level_known = internal unnamed_addr global i32 0, align 4
@workers.registered = internal unnamed_addr global i1 false, align 4
@.str.9 = private unnamed_addr constant [17 x i8] c"KDSL_NUM_THREADS\00", align 1
@llvm.compiler.used = appending global [1 x ptr] [ptr @at_the_end], section "llvm.metadata"

; Function Attrs: nounwind
define void @KDSL_shutdown() #0 {
  %1 = cmpxchg ptr @state, i32 2, i32 1 acq_rel acquire, align 4
  %2 = extractvalue { i32, i1 } %1, 1
  br i1 %2, label %3, label %5

3:                                                ; preds = %0
  %4 = load i64, ptr @started, align 8, !tbaa !3
  tail call void @kdsl_pool_stop(ptr noundef nonnull @handles, i64 noundef %4) #10
  store i64 0, ptr @started, align 8, !tbaa !3
  store atomic i32 3, ptr @state release, align 4
  br label %5

5:                                                ; preds = %3, %0
  ret void
}

; Function Attrs: mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite)
declare void @llvm.lifetime.start.p0(i64 immarg, ptr nocapture) #1

declare void @kdsl_pool_stop(ptr noundef, i64 noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite)
declare void @llvm.lifetime.end.p0(i64 immarg, ptr nocapture) #1

; Function Attrs: mustprogress nofree norecurse nosync nounwind willreturn memory(write, argmem: none, inaccessiblemem: none)
define void @KDSL_set_threads(i32 noundef %0) local_unnamed_addr #3 {
  store i32 %0, ptr @wanted, align 4, !tbaa !7
  ret void
}

; Function Attrs: mustprogress nofree norecurse nosync nounwind willreturn memory(write, argmem: none, inaccessiblemem: none)
define void @KDSL_set_parallel(ptr noundef %0, ptr noundef %1, i32 noundef %2) local_unnamed_addr #3 {
  %4 = tail call i32 @llvm.smax.i32(i32 %2, i32 1)
  %5 = zext nneg i32 %4 to i64
  store i64 %5, ptr @others_workers, align 8, !tbaa !3
  store ptr %1, ptr @others_context, align 8, !tbaa !9
  store ptr %0, ptr @others, align 8, !tbaa !9
  ret void
}

; Function Attrs: nounwind
define i32 @KDSL_launch_kernel(ptr nocapture noundef readonly %0, ptr noundef readonly %1, ptr nocapture noundef readonly %2) local_unnamed_addr #0 {
  %4 = alloca [128 x i64], align 16
  %5 = alloca [128 x i64], align 16
  %6 = alloca %struct.Plan, align 8
  %7 = alloca [16 x i64], align 16
  %8 = alloca %struct.Work, align 8
  %9 = alloca [4 x i32], align 16
  %10 = alloca [4 x i32], align 16
  %11 = alloca [4 x i32], align 16
  %12 = alloca [64 x i64], align 16
  %13 = alloca [512 x i64], align 16
  call void @llvm.lifetime.start.p0(i64 4096, ptr nonnull %13) #11
  %14 = icmp eq ptr %1, null
  br i1 %14, label %700, label %15

15:                                               ; preds = %3
  %16 = getelementptr inbounds i8, ptr %1, i64 24
  %17 = getelementptr inbounds i8, ptr %1, i64 48
  %18 = load i64, ptr %1, align 8, !tbaa !3
  %19 = load i64, ptr %16, align 8, !tbaa !3
  %20 = icmp slt i64 %18, 0
  %21 = add i64 %19, -1025
  %22 = icmp ult i64 %21, -1024
  %23 = select i1 %20, i1 true, i1 %22
  br i1 %23, label %700, label %70

24:                                               ; preds = %77
  %25 = getelementptr inbounds i8, ptr %1, i64 8
  %26 = load i64, ptr %25, align 8, !tbaa !3
  %27 = getelementptr inbounds i8, ptr %1, i64 32
  %28 = load i64, ptr %27, align 8, !tbaa !3
  %29 = icmp slt i64 %26, 0
  %30 = add i64 %28, -1025
  %31 = icmp ult i64 %30, -1024
  %32 = select i1 %29, i1 true, i1 %31
  br i1 %32, label %700, label %33

33:                                               ; preds = %24
  %34 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %26, i64 %28)
  %35 = extractvalue { i64, i1 } %34, 1
  %36 = extractvalue { i64, i1 } %34, 0
  br i1 %35, label %700, label %37

37:                                               ; preds = %33
  %38 = getelementptr inbounds i8, ptr %1, i64 56
  %39 = load i64, ptr %38, align 8, !tbaa !3
  %40 = icmp sgt i64 %39, %36
  br i1 %40, label %700, label %41

41:                                               ; preds = %37
  %42 = icmp eq i64 %26, 0
  %43 = sext i1 %42 to i64
  %44 = sub nsw i64 %43, %28
  %45 = add i64 %44, %36
  %46 = icmp sgt i64 %39, %45
  br i1 %46, label %47, label %700

47:                                               ; preds = %41
  %48 = getelementptr inbounds i8, ptr %1, i64 16
  %49 = load i64, ptr %48, align 8, !tbaa !3
  %50 = getelementptr inbounds i8, ptr %1, i64 40
  %51 = load i64, ptr %50, align 8, !tbaa !3
  %52 = icmp slt i64 %49, 0
  %53 = add i64 %51, -1025
  %54 = icmp ult i64 %53, -1024
  %55 = select i1 %52, i1 true, i1 %54
  br i1 %55, label %700, label %56

56:                                               ; preds = %47
  %57 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %49, i64 %51)
  %58 = extractvalue { i64, i1 } %57, 1
  %59 = extractvalue { i64, i1 } %57, 0
  br i1 %58, label %700, label %60

60:                                               ; preds = %56
  %61 = getelementptr inbounds i8, ptr %1, i64 64
  %62 = load i64, ptr %61, align 8, !tbaa !3
  %63 = icmp sgt i64 %62, %59
  br i1 %63, label %700, label %64

64:                                               ; preds = %60
  %65 = icmp eq i64 %49, 0
  %66 = sext i1 %65 to i64
  %67 = sub nsw i64 %66, %51
  %68 = add i64 %67, %59
  %69 = icmp sgt i64 %62, %68
  br i1 %69, label %83, label %700

70:                                               ; preds = %15
  %71 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %18, i64 %19)
  %72 = extractvalue { i64, i1 } %71, 1
  %73 = extractvalue { i64, i1 } %71, 0
  br i1 %72, label %700, label %74

74:                                               ; preds = %70
  %75 = load i64, ptr %17, align 8, !tbaa !3
  %76 = icmp sgt i64 %75, %73
  br i1 %76, label %700, label %77

77:                                               ; preds = %74
  %78 = icmp eq i64 %18, 0
  %79 = sext i1 %78 to i64
  %80 = sub nsw i64 %79, %19
  %81 = add i64 %80, %73
  %82 = icmp sgt i64 %75, %81
  br i1 %82, label %24, label %700

83:                                               ; preds = %64
  %84 = mul nuw nsw i64 %28, %19
  %85 = mul nuw nsw i64 %84, %51
  %86 = icmp ugt i64 %85, 1024
  br i1 %86, label %700, label %87

87:                                               ; preds = %83
  %88 = getelementptr inbounds i8, ptr %0, i64 16
  %89 = load i32, ptr %88, align 8, !tbaa !11
  %90 = icmp sgt i32 %89, 0
  br i1 %90, label %91, label %363

91:                                               ; preds = %87
  %92 = load ptr, ptr %0, align 8, !tbaa !13
  %93 = zext nneg i32 %89 to i64
  br label %94

94:                                               ; preds = %91, %347
  %95 = phi i64 [ 0, %91 ], [ %351, %347 ]
  %96 = phi i32 [ 0, %91 ], [ %350, %347 ]
  %97 = phi i32 [ 0, %91 ], [ %348, %347 ]
  %98 = getelementptr inbounds %struct.Param, ptr %92, i64 %95
  %99 = load i32, ptr %98, align 4, !tbaa !14
  %100 = icmp eq i32 %99, 0
  %101 = getelementptr inbounds ptr, ptr %2, i64 %95
  %102 = load ptr, ptr %101, align 8, !tbaa !9
  br i1 %100, label %257, label %103

103:                                              ; preds = %94
  %104 = sext i32 %96 to i64
  %105 = getelementptr inbounds i64, ptr %13, i64 %104
  call void @llvm.lifetime.start.p0(i64 512, ptr nonnull %12) #11
  %106 = icmp eq ptr %102, null
  br i1 %106, label %353, label %107

107:                                              ; preds = %103
  %108 = getelementptr inbounds i8, ptr %98, i64 8
  %109 = load i32, ptr %108, align 4, !tbaa !16
  %110 = icmp eq i32 %109, 0
  br i1 %110, label %115, label %111

111:                                              ; preds = %107
  %112 = getelementptr inbounds i8, ptr %102, i64 8
  %113 = load ptr, ptr %112, align 8, !tbaa !17
  %114 = icmp eq ptr %113, null
  br i1 %114, label %353, label %115

115:                                              ; preds = %111, %107
  %116 = getelementptr inbounds i8, ptr %98, i64 4
  %117 = load i32, ptr %116, align 4, !tbaa !19
  %118 = sext i32 %117 to i64
  %119 = getelementptr inbounds i8, ptr %102, i64 8
  %120 = zext i32 %109 to i64
  br label %121

121:                                              ; preds = %133, %115
  %122 = phi i64 [ %125, %133 ], [ %120, %115 ]
  %123 = phi i64 [ %136, %133 ], [ 0, %115 ]
  %124 = phi i64 [ %141, %133 ], [ %118, %115 ]
  %125 = add nsw i64 %122, -1
  %126 = trunc nuw i64 %122 to i32
  %127 = icmp slt i32 %126, 1
  br i1 %127, label %142, label %128

128:                                              ; preds = %121
  %129 = load ptr, ptr %119, align 8, !tbaa !17
  %130 = getelementptr inbounds i64, ptr %129, i64 %125
  %131 = load i64, ptr %130, align 8, !tbaa !3
  %132 = icmp slt i64 %131, 0
  br i1 %132, label %357, label %133

133:                                              ; preds = %128
  %134 = icmp eq i64 %131, 0
  %135 = zext i1 %134 to i64
  %136 = or i64 %123, %135
  %137 = getelementptr inbounds [64 x i64], ptr %12, i64 0, i64 %125
  store i64 %124, ptr %137, align 8, !tbaa !3
  %138 = tail call i64 @llvm.umax.i64(i64 %131, i64 1)
  %139 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %124, i64 %138)
  %140 = extractvalue { i64, i1 } %139, 1
  %141 = extractvalue { i64, i1 } %139, 0
  br i1 %140, label %357, label %121, !llvm.loop !20

142:                                              ; preds = %121
  %143 = getelementptr inbounds i8, ptr %102, i64 16
  %144 = load ptr, ptr %143, align 8, !tbaa !22
  %145 = icmp eq ptr %144, null
  %146 = select i1 %145, ptr %12, ptr %144
  %147 = load ptr, ptr %102, align 8, !tbaa !23
  %148 = icmp ne ptr %147, null
  %149 = icmp ne i64 %123, 0
  %150 = select i1 %148, i1 true, i1 %149
  br i1 %150, label %151, label %357

151:                                              ; preds = %142
  %152 = ptrtoint ptr %147 to i64
  %153 = getelementptr inbounds i8, ptr %98, i64 16
  %154 = load i32, ptr %153, align 4, !tbaa !24
  %155 = add nsw i32 %154, -1
  %156 = sext i32 %155 to i64
  %157 = and i64 %156, %152
  %158 = icmp eq i64 %157, 0
  br i1 %158, label %159, label %357

159:                                              ; preds = %151
  store i64 %152, ptr %105, align 8, !tbaa !3
  %160 = icmp sgt i32 %109, 0
  br i1 %160, label %161, label %180

161:                                              ; preds = %159
  %162 = load ptr, ptr %119, align 8, !tbaa !17
  %163 = getelementptr inbounds i64, ptr %105, i64 %120
  %164 = getelementptr inbounds i8, ptr %163, i64 8
  br label %165

165:                                              ; preds = %175, %161
  %166 = phi i64 [ 0, %161 ], [ %176, %175 ]
  %167 = getelementptr inbounds i64, ptr %162, i64 %166
  %168 = load i64, ptr %167, align 8, !tbaa !3
  %169 = icmp slt i64 %168, 2
  %170 = getelementptr inbounds i64, ptr %146, i64 %166
  %171 = load i64, ptr %170, align 8, !tbaa !3
  %172 = and i64 %171, %156
  %173 = icmp eq i64 %172, 0
  %174 = select i1 %169, i1 true, i1 %173
  br i1 %174, label %175, label %357

175:                                              ; preds = %165
  %176 = add nuw nsw i64 %166, 1
  %177 = getelementptr inbounds i64, ptr %105, i64 %176
  store i64 %168, ptr %177, align 8, !tbaa !3
  %178 = getelementptr inbounds i64, ptr %164, i64 %166
  store i64 %171, ptr %178, align 8, !tbaa !3
  %179 = icmp eq i64 %176, %120
  br i1 %179, label %180, label %165, !llvm.loop !25

180:                                              ; preds = %175, %159
  %181 = getelementptr inbounds i8, ptr %98, i64 12
  %182 = load i32, ptr %181, align 4, !tbaa !26
  %183 = icmp sgt i32 %182, -1
  br i1 %183, label %184, label %196

184:                                              ; preds = %180
  %185 = load ptr, ptr %119, align 8, !tbaa !17
  %186 = zext nneg i32 %182 to i64
  %187 = getelementptr inbounds i64, ptr %185, i64 %186
  %188 = load i64, ptr %187, align 8, !tbaa !3
  %189 = icmp sgt i64 %188, 1
  br i1 %189, label %190, label %196

190:                                              ; preds = %184
  %191 = getelementptr inbounds i64, ptr %146, i64 %186
  %192 = load i64, ptr %191, align 8, !tbaa !3
  %193 = icmp eq i64 %192, %118
  %194 = select i1 %193, i1 true, i1 %149
  %195 = select i1 %194, i32 %97, i32 1
  br label %196

196:                                              ; preds = %190, %184, %180
  %197 = phi i32 [ %97, %184 ], [ %97, %180 ], [ %195, %190 ]
  %198 = getelementptr inbounds i8, ptr %98, i64 20
  %199 = load i32, ptr %198, align 4, !tbaa !27
  %200 = icmp eq i32 %199, 0
  %201 = select i1 %200, i1 true, i1 %145
  %202 = select i1 %201, i1 true, i1 %149
  br i1 %202, label %254, label %203

203:                                              ; preds = %196
  %204 = load ptr, ptr %119, align 8, !tbaa !17
  br i1 %160, label %205, label %254

205:                                              ; preds = %203, %244
  %206 = phi i64 [ %251, %244 ], [ %118, %203 ]
  %207 = phi i32 [ %252, %244 ], [ 0, %203 ]
  %208 = phi i64 [ %246, %244 ], [ 0, %203 ]
  br label %211

209:                                              ; preds = %234
  %210 = icmp slt i32 %235, 0
  br i1 %210, label %254, label %238

211:                                              ; preds = %234, %205
  %212 = phi i64 [ 0, %205 ], [ %236, %234 ]
  %213 = phi i32 [ -1, %205 ], [ %235, %234 ]
  %214 = getelementptr inbounds i64, ptr %144, i64 %212
  %215 = load i64, ptr %214, align 8, !tbaa !3
  %216 = tail call i64 @llvm.abs.i64(i64 %215, i1 true)
  %217 = shl nuw i64 1, %212
  %218 = and i64 %217, %208
  %219 = icmp eq i64 %218, 0
  br i1 %219, label %220, label %234

220:                                              ; preds = %211
  %221 = getelementptr inbounds i64, ptr %204, i64 %212
  %222 = load i64, ptr %221, align 8, !tbaa !3
  %223 = icmp slt i64 %222, 2
  br i1 %223, label %234, label %224

224:                                              ; preds = %220
  %225 = icmp slt i32 %213, 0
  br i1 %225, label %232, label %226

226:                                              ; preds = %224
  %227 = zext nneg i32 %213 to i64
  %228 = getelementptr inbounds i64, ptr %144, i64 %227
  %229 = load i64, ptr %228, align 8, !tbaa !3
  %230 = tail call i64 @llvm.abs.i64(i64 %229, i1 true)
  %231 = icmp ult i64 %216, %230
  br i1 %231, label %232, label %234

232:                                              ; preds = %226, %224
  %233 = trunc nuw nsw i64 %212 to i32
  br label %234

234:                                              ; preds = %232, %226, %220, %211
  %235 = phi i32 [ %213, %220 ], [ %213, %211 ], [ %233, %232 ], [ %213, %226 ]
  %236 = add nuw nsw i64 %212, 1
  %237 = icmp eq i64 %236, %120
  br i1 %237, label %209, label %211, !llvm.loop !28

238:                                              ; preds = %209
  %239 = zext nneg i32 %235 to i64
  %240 = getelementptr inbounds i64, ptr %144, i64 %239
  %241 = load i64, ptr %240, align 8, !tbaa !3
  %242 = tail call i64 @llvm.abs.i64(i64 %241, i1 true)
  %243 = icmp slt i64 %242, %206
  br i1 %243, label %357, label %244

244:                                              ; preds = %238
  %245 = shl nuw i64 1, %239
  %246 = or i64 %245, %208
  %247 = getelementptr inbounds i64, ptr %204, i64 %239
  %248 = load i64, ptr %247, align 8, !tbaa !3
  %249 = add nsw i64 %248, -1
  %250 = mul nsw i64 %249, %242
  %251 = add nsw i64 %250, %206
  %252 = add nuw nsw i32 %207, 1
  %253 = icmp eq i32 %252, %109
  br i1 %253, label %254, label %205, !llvm.loop !29

254:                                              ; preds = %244, %209, %196, %203
  call void @llvm.lifetime.end.p0(i64 512, ptr nonnull %12) #11
  %255 = shl nsw i32 %109, 1
  %256 = or disjoint i32 %255, 1
  br label %347

257:                                              ; preds = %94
  %258 = icmp eq ptr %102, null
  br i1 %258, label %259, label %263

259:                                              ; preds = %257
  %260 = trunc nuw nsw i64 %95 to i32
  %261 = shl i32 %260, 8
  %262 = add i32 %261, 257
  br label %700

263:                                              ; preds = %257
  %264 = getelementptr inbounds i8, ptr %98, i64 4
  %265 = load i32, ptr %264, align 4, !tbaa !19
  %266 = add nsw i32 %265, 7
  %267 = sdiv i32 %266, 8
  %268 = icmp sgt i32 %265, 0
  br i1 %268, label %269, label %347

269:                                              ; preds = %263
  %270 = sext i32 %96 to i64
  %271 = tail call i32 @llvm.smax.i32(i32 %267, i32 1)
  %272 = zext nneg i32 %271 to i64
  %273 = and i64 %272, 3
  %274 = icmp slt i32 %265, 25
  br i1 %274, label %277, label %275

275:                                              ; preds = %269
  %276 = and i64 %272, 268435452
  br label %297

277:                                              ; preds = %297, %269
  %278 = phi i64 [ 0, %269 ], [ %311, %297 ]
  %279 = icmp eq i64 %273, 0
  br i1 %279, label %288, label %280

280:                                              ; preds = %277, %280
  %281 = phi i64 [ %285, %280 ], [ %278, %277 ]
  %282 = phi i64 [ %286, %280 ], [ 0, %277 ]
  %283 = add nsw i64 %281, %270
  %284 = getelementptr inbounds [512 x i64], ptr %13, i64 0, i64 %283
  store i64 0, ptr %284, align 8, !tbaa !3
  %285 = add nuw nsw i64 %281, 1
  %286 = add i64 %282, 1
  %287 = icmp eq i64 %286, %273
  br i1 %287, label %288, label %280, !llvm.loop !30

288:                                              ; preds = %280, %277
  br i1 %268, label %289, label %347

289:                                              ; preds = %288
  %290 = sext i32 %96 to i64
  %291 = getelementptr inbounds i64, ptr %13, i64 %290
  %292 = zext nneg i32 %265 to i64
  %293 = and i64 %292, 3
  %294 = icmp ult i32 %265, 4
  br i1 %294, label %335, label %295

295:                                              ; preds = %289
  %296 = and i64 %292, 2147483644
  br label %314

297:                                              ; preds = %297, %275
  %298 = phi i64 [ 0, %275 ], [ %311, %297 ]
  %299 = phi i64 [ 0, %275 ], [ %312, %297 ]
  %300 = add nsw i64 %298, %270
  %301 = getelementptr inbounds [512 x i64], ptr %13, i64 0, i64 %300
  store i64 0, ptr %301, align 8, !tbaa !3
  %302 = or disjoint i64 %298, 1
  %303 = add nsw i64 %302, %270
  %304 = getelementptr inbounds [512 x i64], ptr %13, i64 0, i64 %303
  store i64 0, ptr %304, align 8, !tbaa !3
  %305 = or disjoint i64 %298, 2
  %306 = add nsw i64 %305, %270
  %307 = getelementptr inbounds [512 x i64], ptr %13, i64 0, i64 %306
  store i64 0, ptr %307, align 8, !tbaa !3
  %308 = or disjoint i64 %298, 3
  %309 = add nsw i64 %308, %270
  %310 = getelementptr inbounds [512 x i64], ptr %13, i64 0, i64 %309
  store i64 0, ptr %310, align 8, !tbaa !3
  %311 = add nuw nsw i64 %298, 4
  %312 = add i64 %299, 4
  %313 = icmp eq i64 %312, %276
  br i1 %313, label %277, label %297, !llvm.loop !32

314:                                              ; preds = %314, %295
  %315 = phi i64 [ 0, %295 ], [ %332, %314 ]
  %316 = phi i64 [ 0, %295 ], [ %333, %314 ]
  %317 = getelementptr inbounds i8, ptr %102, i64 %315
  %318 = load i8, ptr %317, align 1, !tbaa !33
  %319 = getelementptr inbounds i8, ptr %291, i64 %315
  store i8 %318, ptr %319, align 4, !tbaa !33
  %320 = or disjoint i64 %315, 1
  %321 = getelementptr inbounds i8, ptr %102, i64 %320
  %322 = load i8, ptr %321, align 1, !tbaa !33
  %323 = getelementptr inbounds i8, ptr %291, i64 %320
  store i8 %322, ptr %323, align 1, !tbaa !33
  %324 = or disjoint i64 %315, 2
  %325 = getelementptr inbounds i8, ptr %102, i64 %324
  %326 = load i8, ptr %325, align 1, !tbaa !33
  %327 = getelementptr inbounds i8, ptr %291, i64 %324
  store i8 %326, ptr %327, align 2, !tbaa !33
  %328 = or disjoint i64 %315, 3
  %329 = getelementptr inbounds i8, ptr %102, i64 %328
  %330 = load i8, ptr %329, align 1, !tbaa !33
  %331 = getelementptr inbounds i8, ptr %291, i64 %328
  store i8 %330, ptr %331, align 1, !tbaa !33
  %332 = add nuw nsw i64 %315, 4
  %333 = add i64 %316, 4
  %334 = icmp eq i64 %333, %296
  br i1 %334, label %335, label %314, !llvm.loop !34

335:                                              ; preds = %314, %289
  %336 = phi i64 [ 0, %289 ], [ %332, %314 ]
  %337 = icmp eq i64 %293, 0
  br i1 %337, label %347, label %338

338:                                              ; preds = %335, %338
  %339 = phi i64 [ %344, %338 ], [ %336, %335 ]
  %340 = phi i64 [ %345, %338 ], [ 0, %335 ]
  %341 = getelementptr inbounds i8, ptr %102, i64 %339
  %342 = load i8, ptr %341, align 1, !tbaa !33
  %343 = getelementptr inbounds i8, ptr %291, i64 %339
  store i8 %342, ptr %343, align 1, !tbaa !33
  %344 = add nuw nsw i64 %339, 1
  %345 = add i64 %340, 1
  %346 = icmp eq i64 %345, %293
  br i1 %346, label %347, label %338, !llvm.loop !35

347:                                              ; preds = %335, %338, %263, %288, %254
  %348 = phi i32 [ %197, %254 ], [ %97, %288 ], [ %97, %263 ], [ %97, %338 ], [ %97, %335 ]
  %349 = phi i32 [ %256, %254 ], [ %267, %288 ], [ %267, %263 ], [ %267, %338 ], [ %267, %335 ]
  %350 = add nsw i32 %349, %96
  %351 = add nuw nsw i64 %95, 1
  %352 = icmp eq i64 %351, %93
  br i1 %352, label %363, label %94, !llvm.loop !36

353:                                              ; preds = %103, %111
  %354 = trunc nuw nsw i64 %95 to i32
  call void @llvm.lifetime.end.p0(i64 512, ptr nonnull %12) #11
  %355 = shl i32 %354, 8
  %356 = add i32 %355, 257
  br label %700

357:                                              ; preds = %151, %142, %128, %133, %165, %238
  %358 = phi i32 [ 5, %238 ], [ 4, %165 ], [ 3, %133 ], [ 3, %128 ], [ 4, %151 ], [ 1, %142 ]
  %359 = trunc nuw nsw i64 %95 to i32
  call void @llvm.lifetime.end.p0(i64 512, ptr nonnull %12) #11
  %360 = shl i32 %359, 8
  %361 = add i32 %360, 256
  %362 = or disjoint i32 %358, %361
  br label %700

363:                                              ; preds = %347, %87
  %364 = phi i32 [ 0, %87 ], [ %348, %347 ]
  %365 = load atomic i32, ptr @level_known monotonic, align 4
  %366 = icmp eq i32 %365, 0
  br i1 %366, label %367, label %407

367:                                              ; preds = %363
  call void @llvm.lifetime.start.p0(i64 16, ptr nonnull %9) #11
  call void @llvm.lifetime.start.p0(i64 16, ptr nonnull %10) #11
  call void @llvm.lifetime.start.p0(i64 16, ptr nonnull %11) #11
  call void @kdsl_cpuid(i32 noundef 0, i32 noundef 0, ptr noundef nonnull %9) #10
  %368 = load i32, ptr %9, align 16, !tbaa !7
  call void @kdsl_cpuid(i32 noundef 1, i32 noundef 0, ptr noundef nonnull %9) #10
  call void @kdsl_cpuid(i32 noundef -2147483647, i32 noundef 0, ptr noundef nonnull %11) #10
  %369 = getelementptr inbounds i8, ptr %9, i64 8
  %370 = load i32, ptr %369, align 8, !tbaa !7
  %371 = and i32 %370, 9970177
  %372 = icmp eq i32 %371, 9970177
  br i1 %372, label %373, label %402

373:                                              ; preds = %367
  %374 = getelementptr inbounds i8, ptr %11, i64 8
  %375 = load i32, ptr %374, align 8, !tbaa !7
  %376 = and i32 %375, 1
  %377 = icmp eq i32 %376, 0
  br i1 %377, label %402, label %378

378:                                              ; preds = %373
  %379 = and i32 %370, 943722496
  %380 = icmp ne i32 %379, 943722496
  %381 = icmp ult i32 %368, 7
  %382 = select i1 %380, i1 true, i1 %381
  %383 = and i32 %375, 32
  %384 = icmp eq i32 %383, 0
  %385 = or i1 %382, %384
  br i1 %385, label %402, label %386

386:                                              ; preds = %378
  %387 = call i64 @kdsl_xgetbv() #10
  call void @kdsl_cpuid(i32 noundef 7, i32 noundef 0, ptr noundef nonnull %10) #10
  %388 = and i64 %387, 6
  %389 = icmp eq i64 %388, 6
  br i1 %389, label %390, label %402

390:                                              ; preds = %386
  %391 = getelementptr inbounds i8, ptr %10, i64 4
  %392 = load i32, ptr %391, align 4
  %393 = and i32 %392, 296
  %394 = icmp eq i32 %393, 296
  br i1 %394, label %395, label %402

395:                                              ; preds = %390
  %396 = and i64 %387, 230
  %397 = icmp eq i64 %396, 230
  %398 = and i32 %392, -805109760
  %399 = icmp eq i32 %398, -805109760
  %400 = and i1 %397, %399
  %401 = select i1 %400, i32 4, i32 3
  br label %402

402:                                              ; preds = %395, %390, %386, %378, %373, %367
  %403 = phi i32 [ 1, %373 ], [ 1, %367 ], [ 2, %378 ], [ %401, %395 ], [ 2, %390 ], [ 2, %386 ]
  call void @llvm.lifetime.end.p0(i64 16, ptr nonnull %11) #11
  call void @llvm.lifetime.end.p0(i64 16, ptr nonnull %10) #11
  call void @llvm.lifetime.end.p0(i64 16, ptr nonnull %9) #11
  store atomic i32 %403, ptr @level_known monotonic, align 4
  %404 = load i64, ptr %16, align 8, !tbaa !3
  %405 = load i64, ptr %27, align 8, !tbaa !3
  %406 = load i64, ptr %50, align 8, !tbaa !3
  br label %407

407:                                              ; preds = %402, %363
  %408 = phi i64 [ %51, %363 ], [ %406, %402 ]
  %409 = phi i64 [ %28, %363 ], [ %405, %402 ]
  %410 = phi i64 [ %19, %363 ], [ %404, %402 ]
  %411 = phi i32 [ %365, %363 ], [ %403, %402 ]
  %412 = getelementptr inbounds i8, ptr %0, i64 20
  %413 = load i32, ptr %412, align 4, !tbaa !37
  %414 = icmp sgt i32 %413, 0
  br i1 %414, label %415, label %700

415:                                              ; preds = %407
  %416 = load i64, ptr %61, align 8, !tbaa !3
  %417 = load i64, ptr %48, align 8, !tbaa !3
  %418 = mul nsw i64 %417, %408
  %419 = icmp ne i64 %416, %418
  %420 = load i64, ptr %17, align 8, !tbaa !3
  %421 = load i64, ptr %1, align 8, !tbaa !3
  %422 = mul nsw i64 %421, %410
  %423 = icmp ne i64 %420, %422
  %424 = load i64, ptr %38, align 8, !tbaa !3
  %425 = load i64, ptr %25, align 8, !tbaa !3
  %426 = mul nsw i64 %425, %409
  %427 = icmp ne i64 %424, %426
  %428 = getelementptr inbounds i8, ptr %0, i64 8
  %429 = load ptr, ptr %428, align 8, !tbaa !38
  %430 = zext nneg i32 %413 to i64
  %431 = mul nsw i64 %408, %409
  %432 = icmp sgt i64 %431, 1
  br label %433

433:                                              ; preds = %489, %415
  %434 = phi i64 [ 0, %415 ], [ %491, %489 ]
  %435 = phi ptr [ null, %415 ], [ %490, %489 ]
  %436 = getelementptr inbounds %struct.Way, ptr %429, i64 %434
  %437 = getelementptr inbounds i8, ptr %436, i64 40
  %438 = load i32, ptr %437, align 8, !tbaa !39
  %439 = icmp sgt i32 %438, %411
  br i1 %439, label %489, label %440

440:                                              ; preds = %433
  %441 = getelementptr inbounds i8, ptr %436, i64 44
  %442 = load i32, ptr %441, align 4, !tbaa !42
  %443 = icmp eq i32 %442, %364
  br i1 %443, label %444, label %489

444:                                              ; preds = %440
  %445 = icmp eq ptr %435, null
  br i1 %445, label %450, label %446

446:                                              ; preds = %444
  %447 = getelementptr inbounds i8, ptr %435, i64 40
  %448 = load i32, ptr %447, align 8, !tbaa !39
  %449 = icmp slt i32 %438, %448
  br i1 %449, label %495, label %450

450:                                              ; preds = %446, %444
  %451 = getelementptr inbounds i8, ptr %436, i64 60
  %452 = load i32, ptr %451, align 4, !tbaa !43
  %453 = icmp eq i32 %452, 0
  br i1 %453, label %462, label %454

454:                                              ; preds = %450
  %455 = getelementptr inbounds i8, ptr %436, i64 56
  %456 = load i32, ptr %455, align 8, !tbaa !44
  %457 = add nsw i32 %456, -1
  %458 = sext i32 %457 to i64
  %459 = and i64 %410, %458
  %460 = icmp ne i64 %459, 0
  %461 = select i1 %460, i1 %432, i1 false
  br label %462

462:                                              ; preds = %454, %450
  %463 = phi i1 [ false, %450 ], [ %461, %454 ]
  %464 = zext i1 %463 to i32
  %465 = getelementptr inbounds i8, ptr %436, i64 48
  %466 = load i32, ptr %465, align 8, !tbaa !45
  %467 = icmp eq i32 %466, %464
  br i1 %467, label %468, label %489

468:                                              ; preds = %462
  %469 = getelementptr inbounds i8, ptr %436, i64 64
  %470 = load i32, ptr %469, align 8, !tbaa !7
  %471 = icmp eq i32 %470, 0
  %472 = select i1 %471, i1 true, i1 %419
  %473 = select i1 %472, i1 true, i1 %427
  %474 = select i1 %473, i1 true, i1 %423
  %475 = select i1 %471, ptr %436, ptr %435
  br i1 %474, label %489, label %476

476:                                              ; preds = %468
  %477 = sext i32 %470 to i64
  %478 = icmp eq i64 %410, %477
  br i1 %478, label %479, label %489

479:                                              ; preds = %476
  %480 = getelementptr inbounds i8, ptr %436, i64 68
  %481 = load i32, ptr %480, align 4, !tbaa !7
  %482 = sext i32 %481 to i64
  %483 = icmp eq i64 %409, %482
  br i1 %483, label %484, label %489

484:                                              ; preds = %479
  %485 = getelementptr inbounds i8, ptr %436, i64 72
  %486 = load i32, ptr %485, align 8, !tbaa !7
  %487 = sext i32 %486 to i64
  %488 = icmp eq i64 %408, %487
  br i1 %488, label %495, label %489

489:                                              ; preds = %484, %479, %476, %468, %462, %440, %433
  %490 = phi ptr [ %435, %484 ], [ %475, %468 ], [ %435, %476 ], [ %435, %479 ], [ %435, %462 ], [ %435, %433 ], [ %435, %440 ]
  %491 = add nuw nsw i64 %434, 1
  %492 = icmp eq i64 %491, %430
  br i1 %492, label %493, label %433, !llvm.loop !46

493:                                              ; preds = %489
  %494 = icmp eq ptr %490, null
  br i1 %494, label %700, label %495

495:                                              ; preds = %484, %446, %493
  %496 = phi ptr [ %490, %493 ], [ %435, %446 ], [ %436, %484 ]
  %497 = icmp eq i64 %420, 0
  %498 = icmp eq i64 %424, 0
  %499 = select i1 %497, i1 true, i1 %498
  %500 = icmp eq i64 %416, 0
  %501 = select i1 %499, i1 true, i1 %500
  br i1 %501, label %700, label %502

502:                                              ; preds = %495
  call void @llvm.lifetime.start.p0(i64 40, ptr nonnull %6) #11
  call fastcc void @make_plan(ptr dead_on_unwind nonnull writable sret(%struct.Plan) align 8 %6, ptr noundef nonnull readonly %496, ptr noundef nonnull readonly %1, i64 noundef 1) #12
  %503 = getelementptr inbounds i8, ptr %6, i64 28
  %504 = load i32, ptr %503, align 4, !tbaa !47
  %505 = icmp eq i32 %504, 0
  br i1 %505, label %506, label %600

506:                                              ; preds = %502
  %507 = load ptr, ptr @others, align 8, !tbaa !9
  %508 = icmp eq ptr %507, null
  br i1 %508, label %511, label %509

509:                                              ; preds = %506
  %510 = load i64, ptr @others_workers, align 8, !tbaa !3
  br label %596

511:                                              ; preds = %506
  %512 = cmpxchg ptr @state, i32 0, i32 1 acq_rel acquire, align 4
  %513 = extractvalue { i32, i1 } %512, 1
  br i1 %513, label %514, label %591

514:                                              ; preds = %511
  %515 = load i32, ptr @wanted, align 4, !tbaa !7
  %516 = icmp sgt i32 %515, 0
  br i1 %516, label %517, label %519

517:                                              ; preds = %514
  %518 = zext nneg i32 %515 to i64
  br label %558

519:                                              ; preds = %514
  %520 = call ptr @getenv(ptr noundef nonnull @.str.9) #10
  %521 = icmp eq ptr %520, null
  br i1 %521, label %543, label %522

522:                                              ; preds = %519
  %523 = load i8, ptr %520, align 1, !tbaa !33
  %524 = icmp sgt i8 %523, 47
  br i1 %524, label %525, label %543

525:                                              ; preds = %522, %532
  %526 = phi i8 [ %538, %532 ], [ %523, %522 ]
  %527 = phi ptr [ %534, %532 ], [ %520, %522 ]
  %528 = phi i64 [ %537, %532 ], [ 0, %522 ]
  %529 = icmp ult i8 %526, 58
  %530 = icmp slt i64 %528, 1024
  %531 = select i1 %529, i1 %530, i1 false
  br i1 %531, label %532, label %540

532:                                              ; preds = %525
  %533 = mul nsw i64 %528, 10
  %534 = getelementptr inbounds i8, ptr %527, i64 1
  %535 = add nsw i8 %526, -48
  %536 = zext nneg i8 %535 to i64
  %537 = add nsw i64 %533, %536
  %538 = load i8, ptr %534, align 1, !tbaa !33
  %539 = icmp sgt i8 %538, 47
  br i1 %539, label %525, label %540

540:                                              ; preds = %532, %525
  %541 = phi i64 [ %537, %532 ], [ %528, %525 ]
  %542 = icmp sgt i64 %541, 0
  br i1 %542, label %558, label %543

543:                                              ; preds = %540, %522, %519
  call void @llvm.lifetime.start.p0(i64 1024, ptr nonnull %5) #11
  call void @llvm.memset.p0.i64(ptr noundef nonnull align 16 dereferenceable(1024) %5, i8 0, i64 1024, i1 false)
  %544 = call i32 @sched_getaffinity(i32 noundef 0, i64 noundef 1024, ptr noundef nonnull %5) #10
  %545 = icmp sgt i32 %544, -1
  br i1 %545, label %546, label %555

546:                                              ; preds = %543, %546
  %547 = phi i64 [ %553, %546 ], [ 0, %543 ]
  %548 = phi i64 [ %552, %546 ], [ 0, %543 ]
  %549 = getelementptr inbounds [128 x i64], ptr %5, i64 0, i64 %547
  %550 = load i64, ptr %549, align 8, !tbaa !3
  %551 = call range(i64 0, 65) i64 @llvm.ctpop.i64(i64 %550)
  %552 = add nuw nsw i64 %551, %548
  %553 = add nuw nsw i64 %547, 1
  %554 = icmp eq i64 %553, 128
  br i1 %554, label %555, label %546, !llvm.loop !49

555:                                              ; preds = %546, %543
  %556 = phi i64 [ 0, %543 ], [ %552, %546 ]
  %557 = call i64 @llvm.smax.i64(i64 %556, i64 1)
  call void @llvm.lifetime.end.p0(i64 1024, ptr nonnull %5) #11
  br label %558

558:                                              ; preds = %555, %540, %517
  %559 = phi i64 [ %518, %517 ], [ %557, %555 ], [ %541, %540 ]
  %560 = call i64 @llvm.umin.i64(i64 %559, i64 1024)
  %561 = icmp ugt i64 %559, 1
  br i1 %561, label %564, label %562

562:                                              ; preds = %558
  %563 = load i64, ptr @started, align 8, !tbaa !3
  br label %587

564:                                              ; preds = %558
  %565 = load i1, ptr @workers.registered, align 4
  br i1 %565, label %568, label %566

566:                                              ; preds = %564
  store i1 true, ptr @workers.registered, align 4
  %567 = call i32 @__register_atfork(ptr noundef null, ptr noundef null, ptr noundef nonnull @without_pool, ptr noundef null) #10
  br label %568

568:                                              ; preds = %566, %564
  %569 = add nsw i64 %560, -1
  call void @llvm.lifetime.start.p0(i64 1024, ptr nonnull %4) #11
  call void @llvm.memset.p0.i64(ptr noundef nonnull align 16 dereferenceable(1024) %4, i8 0, i64 1024, i1 false)
  %570 = call i32 @sched_getaffinity(i32 noundef 0, i64 noundef 1024, ptr noundef nonnull %4) #10
  %571 = icmp sgt i32 %570, -1
  br i1 %571, label %572, label %581

572:                                              ; preds = %568, %572
  %573 = phi i64 [ %579, %572 ], [ 0, %568 ]
  %574 = phi i64 [ %578, %572 ], [ 0, %568 ]
  %575 = getelementptr inbounds [128 x i64], ptr %4, i64 0, i64 %573
  %576 = load i64, ptr %575, align 8, !tbaa !3
  %577 = call range(i64 0, 65) i64 @llvm.ctpop.i64(i64 %576)
  %578 = add nuw nsw i64 %577, %574
  %579 = add nuw nsw i64 %573, 1
  %580 = icmp eq i64 %579, 128
  br i1 %580, label %581, label %572, !llvm.loop !49

581:                                              ; preds = %572, %568
  %582 = phi i64 [ 0, %568 ], [ %578, %572 ]
  %583 = call i64 @llvm.smax.i64(i64 %582, i64 1)
  call void @llvm.lifetime.end.p0(i64 1024, ptr nonnull %4) #11
  %584 = icmp ugt i64 %560, %583
  %585 = select i1 %584, i32 20, i32 2000
  %586 = call i64 @kdsl_pool_start(ptr noundef nonnull @handles, i64 noundef %569, i32 noundef %585) #10
  store i64 %586, ptr @started, align 8, !tbaa !3
  br label %587

587:                                              ; preds = %581, %562
  %588 = phi i64 [ %563, %562 ], [ %586, %581 ]
  %589 = icmp eq i64 %588, 0
  %590 = select i1 %589, i32 3, i32 2
  store atomic i32 %590, ptr @state release, align 4
  br label %591

591:                                              ; preds = %587, %511
  %592 = load atomic i32, ptr @state acquire, align 4
  %593 = icmp eq i32 %592, 2
  %594 = load i64, ptr @started, align 8
  %595 = add nsw i64 %594, 1
  br i1 %593, label %596, label %600

596:                                              ; preds = %591, %509
  %597 = phi i64 [ %510, %509 ], [ %595, %591 ]
  %598 = icmp sgt i64 %597, 1
  br i1 %598, label %599, label %600

599:                                              ; preds = %596
  call fastcc void @make_plan(ptr dead_on_unwind nonnull writable sret(%struct.Plan) align 8 %6, ptr noundef readonly %496, ptr noundef nonnull readonly %1, i64 noundef %597) #12
  br label %600

600:                                              ; preds = %599, %596, %591, %502
  %601 = phi i64 [ 1, %502 ], [ %597, %599 ], [ %597, %596 ], [ 1, %591 ]
  call void @llvm.lifetime.start.p0(i64 128, ptr nonnull %7) #11
  %602 = load i64, ptr %1, align 8, !tbaa !3
  store i64 %602, ptr %7, align 16, !tbaa !3
  %603 = getelementptr inbounds i8, ptr %7, i64 8
  %604 = load i64, ptr %25, align 8, !tbaa !3
  store i64 %604, ptr %603, align 8, !tbaa !3
  %605 = getelementptr inbounds i8, ptr %7, i64 16
  %606 = load i64, ptr %48, align 8, !tbaa !3
  store i64 %606, ptr %605, align 16, !tbaa !3
  %607 = getelementptr inbounds i8, ptr %7, i64 24
  %608 = load i64, ptr %16, align 8, !tbaa !3
  store i64 %608, ptr %607, align 8, !tbaa !3
  %609 = getelementptr inbounds i8, ptr %7, i64 32
  %610 = load i64, ptr %27, align 8, !tbaa !3
  store i64 %610, ptr %609, align 16, !tbaa !3
  %611 = getelementptr inbounds i8, ptr %7, i64 40
  %612 = load i64, ptr %50, align 8, !tbaa !3
  store i64 %612, ptr %611, align 8, !tbaa !3
  %613 = getelementptr inbounds i8, ptr %7, i64 48
  %614 = load i64, ptr %17, align 8, !tbaa !3
  store i64 %614, ptr %613, align 16, !tbaa !3
  %615 = getelementptr inbounds i8, ptr %7, i64 56
  %616 = load i64, ptr %38, align 8, !tbaa !3
  store i64 %616, ptr %615, align 8, !tbaa !3
  %617 = getelementptr inbounds i8, ptr %7, i64 64
  %618 = load i64, ptr %61, align 8, !tbaa !3
  store i64 %618, ptr %617, align 16, !tbaa !3
  %619 = getelementptr inbounds i8, ptr %7, i64 72
  %620 = getelementptr inbounds i8, ptr %6, i64 16
  %621 = load i64, ptr %620, align 8, !tbaa !50
  store i64 %621, ptr %619, align 8, !tbaa !3
  %622 = getelementptr inbounds i8, ptr %7, i64 80
  store i64 0, ptr %622, align 16, !tbaa !3
  %623 = getelementptr inbounds i8, ptr %7, i64 88
  store i64 0, ptr %623, align 8, !tbaa !3
  %624 = getelementptr inbounds i8, ptr %7, i64 96
  store i64 0, ptr %624, align 16, !tbaa !3
  %625 = getelementptr inbounds i8, ptr %7, i64 104
  %626 = getelementptr inbounds i8, ptr %6, i64 32
  %627 = load i32, ptr %626, align 8, !tbaa !51
  %628 = sext i32 %627 to i64
  store i64 %628, ptr %625, align 8, !tbaa !3
  %629 = getelementptr inbounds i8, ptr %7, i64 112
  store i64 0, ptr %629, align 16, !tbaa !3
  %630 = getelementptr inbounds i8, ptr %7, i64 120
  store i64 0, ptr %630, align 8, !tbaa !3
  %631 = getelementptr inbounds i8, ptr %496, i64 16
  %632 = load i64, ptr %631, align 8, !tbaa !52
  %633 = icmp eq i64 %632, 0
  %634 = getelementptr inbounds i8, ptr %496, i64 24
  %635 = load i64, ptr %634, align 8, !tbaa !53
  %636 = icmp eq i64 %635, 0
  %637 = select i1 %633, i1 %636, i1 false
  br i1 %637, label %638, label %641

638:                                              ; preds = %600
  %639 = getelementptr inbounds i8, ptr %6, i64 24
  %640 = load i32, ptr %639, align 8, !tbaa !54
  br label %665

641:                                              ; preds = %600
  %642 = getelementptr inbounds i8, ptr %496, i64 56
  %643 = load i32, ptr %642, align 8, !tbaa !44
  %644 = sext i32 %643 to i64
  %645 = add i64 %608, -1
  %646 = add i64 %645, %644
  %647 = sub nsw i64 0, %644
  %648 = and i64 %646, %647
  %649 = add i64 %632, 63
  %650 = mul i64 %612, %610
  %651 = mul i64 %650, %635
  %652 = mul i64 %651, %648
  %653 = or i64 %649, 63
  %654 = add i64 %652, %653
  %655 = and i64 %654, -64
  %656 = getelementptr inbounds i8, ptr %6, i64 24
  %657 = load i32, ptr %656, align 8, !tbaa !54
  %658 = icmp eq i32 %657, 0
  %659 = select i1 %658, i64 1, i64 %601
  %660 = mul nsw i64 %655, %659
  %661 = call ptr @aligned_alloc(i64 noundef 64, i64 noundef %660) #10
  %662 = icmp eq ptr %661, null
  br i1 %662, label %698, label %663

663:                                              ; preds = %641
  %664 = ptrtoint ptr %661 to i64
  store i64 %664, ptr %622, align 16, !tbaa !3
  store i64 %655, ptr %623, align 8, !tbaa !3
  br label %665

665:                                              ; preds = %663, %638
  %666 = phi i32 [ %657, %663 ], [ %640, %638 ]
  %667 = phi ptr [ %661, %663 ], [ null, %638 ]
  %668 = icmp ne i32 %666, 0
  %669 = load ptr, ptr @others, align 8
  %670 = icmp ne ptr %669, null
  %671 = select i1 %668, i1 %670, i1 false
  br i1 %671, label %672, label %685

672:                                              ; preds = %665
  call void @llvm.lifetime.start.p0(i64 40, ptr nonnull %8) #11
  %673 = load ptr, ptr %496, align 8, !tbaa !55
  store ptr %673, ptr %8, align 8, !tbaa !56
  %674 = getelementptr inbounds i8, ptr %8, i64 8
  store ptr %13, ptr %674, align 8, !tbaa !58
  %675 = getelementptr inbounds i8, ptr %8, i64 16
  store ptr %7, ptr %675, align 8, !tbaa !59
  %676 = getelementptr inbounds i8, ptr %8, i64 24
  %677 = load i64, ptr %6, align 8, !tbaa !60
  store i64 %677, ptr %676, align 8, !tbaa !61
  %678 = getelementptr inbounds i8, ptr %8, i64 32
  %679 = getelementptr inbounds i8, ptr %6, i64 8
  %680 = load i64, ptr %679, align 8, !tbaa !62
  store i64 %680, ptr %678, align 8, !tbaa !63
  %681 = load ptr, ptr @others_context, align 8, !tbaa !9
  %682 = add i64 %677, -1
  %683 = add i64 %682, %680
  %684 = sdiv i64 %683, %680
  call void %669(ptr noundef %681, ptr noundef nonnull @piece, ptr noundef nonnull %8, i64 noundef %684) #10
  call void @llvm.lifetime.end.p0(i64 40, ptr nonnull %8) #11
  br label %695

685:                                              ; preds = %665
  %686 = load i64, ptr %6, align 8, !tbaa !60
  br i1 %668, label %687, label %693

687:                                              ; preds = %685
  %688 = load ptr, ptr %496, align 8, !tbaa !55
  %689 = getelementptr inbounds i8, ptr %6, i64 8
  %690 = load i64, ptr %689, align 8, !tbaa !62
  %691 = call i64 @kdsl_pool_run(ptr noundef %688, ptr noundef nonnull %13, ptr noundef nonnull %7, i64 noundef %686, i64 noundef %690) #10
  %692 = icmp eq i64 %691, 0
  br i1 %692, label %693, label %695

693:                                              ; preds = %687, %685
  %694 = load ptr, ptr %496, align 8, !tbaa !55
  call void %694(ptr noundef nonnull %13, ptr noundef nonnull %7, i64 noundef 0, i64 noundef %686, i64 noundef 0) #10
  br label %695

695:                                              ; preds = %693, %687, %672
  %696 = icmp eq ptr %667, null
  br i1 %696, label %698, label %697

697:                                              ; preds = %695
  call void @free(ptr noundef nonnull %667) #10
  br label %698

698:                                              ; preds = %641, %695, %697
  %699 = phi i32 [ 0, %697 ], [ 0, %695 ], [ 6, %641 ]
  call void @llvm.lifetime.end.p0(i64 128, ptr nonnull %7) #11
  call void @llvm.lifetime.end.p0(i64 40, ptr nonnull %6) #11
  br label %700

700:                                              ; preds = %357, %407, %70, %15, %77, %74, %24, %33, %37, %41, %47, %56, %60, %64, %353, %259, %698, %493, %495, %83, %3
  %701 = phi i32 [ %362, %357 ], [ 1, %3 ], [ 2, %83 ], [ %699, %698 ], [ 7, %493 ], [ 0, %495 ], [ %262, %259 ], [ %356, %353 ], [ 2, %64 ], [ 2, %60 ], [ 2, %56 ], [ 2, %47 ], [ 2, %41 ], [ 2, %37 ], [ 2, %33 ], [ 2, %24 ], [ 2, %74 ], [ 2, %77 ], [ 2, %15 ], [ 2, %70 ], [ 7, %407 ]
  call void @llvm.lifetime.end.p0(i64 4096, ptr nonnull %13) #11
  ret i32 %701
}

; Function Attrs: mustprogress nofree norecurse nosync nounwind willreturn memory(none)
define ptr @KDSL_error_text(i32 noundef %0) local_unnamed_addr #4 {
  %2 = and i32 %0, 255
  %3 = icmp ult i32 %2, 8
  br i1 %3, label %4, label %8

4:                                                ; preds = %1
  %5 = zext nneg i32 %2 to i64
  %6 = shl i64 %5, 2
  %7 = call ptr @llvm.load.relative.i64(ptr @KDSL_error_text.texts.rel, i64 %6)
  br label %8

8:                                                ; preds = %1, %4
  %9 = phi ptr [ %7, %4 ], [ @.str.8, %1 ]
  ret ptr %9
}

; Function Attrs: mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare { i64, i1 } @llvm.smul.with.overflow.i64(i64, i64) #5

declare void @kdsl_cpuid(i32 noundef, i32 noundef, ptr noundef) local_unnamed_addr #2

declare i64 @kdsl_xgetbv() local_unnamed_addr #2

; Function Attrs: nounwind
define internal fastcc void @make_plan(ptr dead_on_unwind noalias nocapture writable writeonly sret(%struct.Plan) align 8 %0, ptr nocapture noundef readonly %1, ptr nocapture noundef readonly %2, i64 noundef %3) unnamed_addr #0 {
  %5 = getelementptr inbounds i8, ptr %2, i64 48
  %6 = load i64, ptr %5, align 8, !tbaa !3
  %7 = getelementptr inbounds i8, ptr %2, i64 56
  %8 = load i64, ptr %7, align 8, !tbaa !3
  %9 = getelementptr inbounds i8, ptr %2, i64 64
  %10 = load i64, ptr %9, align 8, !tbaa !3
  %11 = mul nsw i64 %10, %8
  %12 = mul nsw i64 %11, %6
  %13 = getelementptr inbounds i8, ptr %1, i64 8
  %14 = load double, ptr %13, align 8, !tbaa !64
  %15 = fcmp ogt double %14, 1.000000e-02
  %16 = select i1 %15, double %14, double 1.000000e-02
  %17 = getelementptr inbounds i8, ptr %0, i64 8
  %18 = getelementptr inbounds i8, ptr %0, i64 16
  %19 = getelementptr inbounds i8, ptr %1, i64 56
  %20 = load i32, ptr %19, align 8, !tbaa !44
  %21 = sext i32 %20 to i64
  store i64 %21, ptr %18, align 8, !tbaa !50
  %22 = getelementptr inbounds i8, ptr %0, i64 24
  store i32 0, ptr %22, align 8, !tbaa !54
  %23 = getelementptr inbounds i8, ptr %0, i64 28
  %24 = sitofp i64 %12 to double
  %25 = fmul double %16, %24
  %26 = fcmp olt double %25, 2.000000e+04
  %27 = zext i1 %26 to i32
  store i32 %27, ptr %23, align 4, !tbaa !47
  %28 = getelementptr inbounds i8, ptr %0, i64 32
  store i32 0, ptr %28, align 8, !tbaa !51
  %29 = icmp eq i64 %3, 1
  %30 = or i1 %29, %26
  %31 = getelementptr inbounds i8, ptr %1, i64 52
  %32 = load i32, ptr %31, align 4, !tbaa !65
  %33 = icmp eq i32 %32, 0
  br i1 %33, label %34, label %69

34:                                               ; preds = %4
  %35 = getelementptr inbounds i8, ptr %2, i64 24
  %36 = load i64, ptr %35, align 8, !tbaa !3
  %37 = getelementptr inbounds i8, ptr %2, i64 32
  %38 = load i64, ptr %37, align 8, !tbaa !3
  %39 = mul nsw i64 %38, %36
  %40 = getelementptr inbounds i8, ptr %2, i64 40
  %41 = load i64, ptr %40, align 8, !tbaa !3
  %42 = mul nsw i64 %39, %41
  %43 = load i64, ptr %2, align 8, !tbaa !3
  %44 = getelementptr inbounds i8, ptr %2, i64 8
  %45 = load i64, ptr %44, align 8, !tbaa !3
  %46 = mul nsw i64 %45, %43
  %47 = getelementptr inbounds i8, ptr %2, i64 16
  %48 = load i64, ptr %47, align 8, !tbaa !3
  %49 = mul nsw i64 %46, %48
  store i64 %49, ptr %0, align 8, !tbaa !60
  %50 = uitofp nneg i64 %3 to double
  %51 = fdiv double 1.000000e+04, %16
  %52 = fdiv double 2.000000e+05, %16
  %53 = fmul double %50, 4.000000e+00
  %54 = fdiv double %24, %53
  %55 = fcmp olt double %54, %52
  %56 = select i1 %55, double %54, double %52
  %57 = fcmp ogt double %51, %56
  %58 = select i1 %57, double %51, double %56
  %59 = sitofp i64 %42 to double
  %60 = fdiv double %58, %59
  %61 = fptosi double %60 to i64
  %62 = icmp slt i64 %61, 1
  %63 = tail call i64 @llvm.smin.i64(i64 %49, i64 %61)
  %64 = select i1 %62, i64 1, i64 %63
  store i64 %64, ptr %17, align 8, !tbaa !62
  %65 = icmp sgt i64 %49, %64
  %66 = xor i1 %30, true
  %67 = select i1 %66, i1 %65, i1 false
  %68 = zext i1 %67 to i32
  store i32 %68, ptr %22, align 8, !tbaa !54
  br label %175

69:                                               ; preds = %4
  %70 = add i64 %6, -1
  %71 = add i64 %70, %21
  %72 = sub nsw i64 0, %21
  %73 = and i64 %71, %72
  %74 = getelementptr inbounds i8, ptr %1, i64 76
  %75 = load i32, ptr %74, align 4, !tbaa !66
  %76 = sext i32 %75 to i64
  %77 = add i64 %8, -1
  %78 = add i64 %77, %76
  %79 = sdiv i64 %78, %76
  %80 = mul nsw i64 %79, %10
  %81 = getelementptr inbounds i8, ptr %1, i64 32
  %82 = load i64, ptr %81, align 8, !tbaa !67
  %83 = icmp eq i64 %82, 0
  br i1 %83, label %95, label %84

84:                                               ; preds = %69
  %85 = mul nsw i64 %82, %6
  %86 = icmp sgt i64 %85, 4095
  br i1 %86, label %87, label %95

87:                                               ; preds = %84
  %88 = mul nsw i64 %85, %11
  %89 = tail call i64 @sysconf(i32 noundef 194) #10
  %90 = icmp sgt i64 %89, 0
  %91 = sdiv i64 %89, 2
  %92 = select i1 %90, i64 %91, i64 16777216
  %93 = icmp sgt i64 %88, %92
  %94 = zext i1 %93 to i32
  br label %95

95:                                               ; preds = %69, %84, %87
  %96 = phi i32 [ 0, %69 ], [ 0, %84 ], [ %94, %87 ]
  store i32 %96, ptr %28, align 8, !tbaa !51
  br i1 %30, label %97, label %98

97:                                               ; preds = %95
  store i64 %80, ptr %17, align 8, !tbaa !62
  store i64 %80, ptr %0, align 8, !tbaa !60
  store i64 %73, ptr %18, align 8, !tbaa !50
  br label %175

98:                                               ; preds = %95
  %99 = uitofp nneg i64 %3 to double
  %100 = fdiv double 1.000000e+04, %16
  %101 = fdiv double 2.000000e+05, %16
  %102 = fmul double %99, 4.000000e+00
  %103 = fdiv double %24, %102
  %104 = fcmp olt double %103, %101
  %105 = select i1 %104, double %103, double %101
  %106 = fcmp ogt double %100, %105
  %107 = select i1 %106, double %100, double %105
  %108 = load i32, ptr %74, align 4, !tbaa !66
  %109 = sitofp i32 %108 to double
  %110 = fdiv double %107, %109
  %111 = fcmp olt double %110, 1.638400e+04
  %112 = fptosi double %110 to i64
  %113 = tail call i64 @llvm.smin.i64(i64 %112, i64 16383)
  %114 = load i32, ptr %19, align 8, !tbaa !44
  %115 = sext i32 %114 to i64
  %116 = select i1 %111, i64 %113, i64 16383
  %117 = add i64 %116, %115
  %118 = sub nsw i64 0, %115
  %119 = and i64 %117, %118
  %120 = tail call i64 @llvm.smin.i64(i64 %119, i64 %73)
  %121 = add i64 %120, %70
  %122 = sdiv i64 %121, %120
  %123 = mul nsw i64 %122, %80
  %124 = shl nsw i64 %3, 4
  %125 = icmp sgt i64 %123, %124
  br i1 %125, label %163, label %126

126:                                              ; preds = %98
  %127 = shl nsw i64 %122, 1
  %128 = icmp sgt i64 %122, %127
  br i1 %128, label %163, label %129

129:                                              ; preds = %126
  %130 = add nsw i64 %115, -1
  %131 = add i64 %3, -1
  br label %132

132:                                              ; preds = %154, %129
  %133 = phi i64 [ %120, %129 ], [ %156, %154 ]
  %134 = phi i64 [ %122, %129 ], [ %157, %154 ]
  %135 = phi i64 [ -1, %129 ], [ %155, %154 ]
  %136 = add i64 %134, %70
  %137 = sdiv i64 %136, %134
  %138 = add i64 %130, %137
  %139 = and i64 %138, %118
  %140 = add i64 %139, %70
  %141 = sdiv i64 %140, %139
  %142 = mul nsw i64 %141, %80
  %143 = add i64 %131, %142
  %144 = sdiv i64 %143, %3
  %145 = mul nsw i64 %139, %144
  %146 = icmp slt i64 %135, 0
  %147 = icmp slt i64 %145, %135
  %148 = select i1 %146, i1 true, i1 %147
  br i1 %148, label %153, label %149

149:                                              ; preds = %132
  %150 = icmp eq i64 %145, %135
  %151 = icmp sgt i64 %139, %133
  %152 = select i1 %150, i1 %151, i1 false
  br i1 %152, label %153, label %154

153:                                              ; preds = %149, %132
  br label %154

154:                                              ; preds = %153, %149
  %155 = phi i64 [ %145, %153 ], [ %135, %149 ]
  %156 = phi i64 [ %139, %153 ], [ %133, %149 ]
  %157 = add i64 %134, 1
  %158 = icmp eq i64 %134, %127
  br i1 %158, label %159, label %132, !llvm.loop !68

159:                                              ; preds = %154
  %160 = add i64 %156, %70
  %161 = sdiv i64 %160, %156
  %162 = mul nsw i64 %161, %80
  br label %163

163:                                              ; preds = %159, %98, %126
  %164 = phi i64 [ %162, %159 ], [ %123, %98 ], [ %123, %126 ]
  %165 = phi i64 [ %156, %159 ], [ %120, %98 ], [ %120, %126 ]
  store i64 %165, ptr %18, align 8, !tbaa !50
  store i64 %164, ptr %0, align 8, !tbaa !60
  %166 = tail call i64 @llvm.smin.i64(i64 %165, i64 %6)
  %167 = sext i32 %108 to i64
  %168 = mul nsw i64 %166, %167
  %169 = sitofp i64 %168 to double
  %170 = fdiv double %107, %169
  %171 = fptosi double %170 to i64
  %172 = tail call i64 @llvm.smax.i64(i64 %171, i64 1)
  store i64 %172, ptr %17, align 8, !tbaa !62
  %173 = icmp sgt i64 %164, %172
  %174 = zext i1 %173 to i32
  store i32 %174, ptr %22, align 8, !tbaa !54
  br label %175

175:                                              ; preds = %97, %163, %34
  ret void
}

declare ptr @aligned_alloc(i64 noundef, i64 noundef) local_unnamed_addr #2

; Function Attrs: nounwind
define internal void @piece(ptr nocapture noundef readonly %0, i64 noundef %1, i64 noundef %2, i64 noundef %3) #0 {
  %5 = getelementptr inbounds i8, ptr %0, i64 32
  %6 = load i64, ptr %5, align 8, !tbaa !63
  %7 = mul nsw i64 %6, %2
  %8 = load ptr, ptr %0, align 8, !tbaa !56
  %9 = getelementptr inbounds i8, ptr %0, i64 8
  %10 = load ptr, ptr %9, align 8, !tbaa !58
  %11 = getelementptr inbounds i8, ptr %0, i64 16
  %12 = load ptr, ptr %11, align 8, !tbaa !59
  %13 = getelementptr inbounds i8, ptr %0, i64 24
  %14 = load i64, ptr %13, align 8, !tbaa !61
  %15 = tail call i64 @llvm.smin.i64(i64 %7, i64 %14)
  %16 = mul nsw i64 %6, %1
  tail call void %8(ptr noundef %10, ptr noundef %12, i64 noundef %16, i64 noundef %15, i64 noundef %3) #10
  ret void
}

declare i64 @kdsl_pool_run(ptr noundef, ptr noundef, ptr noundef, i64 noundef, i64 noundef) local_unnamed_addr #2

declare void @free(ptr noundef) local_unnamed_addr #2

declare i64 @sysconf(i32 noundef) local_unnamed_addr #2

declare i32 @__register_atfork(ptr noundef, ptr noundef, ptr noundef, ptr noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nofree norecurse nounwind willreturn memory(readwrite, argmem: none, inaccessiblemem: none)
define internal void @without_pool() #6 {
  store atomic i32 3, ptr @state release, align 4
  store i64 0, ptr @started, align 8, !tbaa !3
  ret void
}

declare i64 @kdsl_pool_start(ptr noundef, i64 noundef, i32 noundef) local_unnamed_addr #2

declare ptr @getenv(ptr noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nocallback nofree nounwind willreturn memory(argmem: write)
declare void @llvm.memset.p0.i64(ptr nocapture writeonly, i8, i64, i1 immarg) #7

declare i32 @sched_getaffinity(i32 noundef, i64 noundef, ptr noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.ctpop.i64(i64) #5

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i32 @llvm.smax.i32(i32, i32) #8

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.smin.i64(i64, i64) #8

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.smax.i64(i64, i64) #8

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.abs.i64(i64, i1 immarg) #8

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.umax.i64(i64, i64) #8

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.umin.i64(i64, i64) #8

; Function Attrs: nocallback nofree nosync nounwind willreturn memory(argmem: read)
declare ptr @llvm.load.relative.i64(ptr, i64) #9

attributes #0 = { nounwind "min-legal-vector-width"="0" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #1 = { mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite) }
attributes #2 = { "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #3 = { mustprogress nofree norecurse nosync nounwind willreturn memory(write, argmem: none, inaccessiblemem: none) "min-legal-vector-width"="0" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #4 = { mustprogress nofree norecurse nosync nounwind willreturn memory(none) "min-legal-vector-width"="0" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #5 = { mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none) }
attributes #6 = { mustprogress nofree norecurse nounwind willreturn memory(readwrite, argmem: none, inaccessiblemem: none) "min-legal-vector-width"="0" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #7 = { mustprogress nocallback nofree nounwind willreturn memory(argmem: write) }
attributes #8 = { nocallback nofree nosync nounwind speculatable willreturn memory(none) }
attributes #9 = { nocallback nofree nosync nounwind willreturn memory(argmem: read) }
attributes #10 = { nobuiltin nounwind "no-builtins" }
attributes #11 = { nounwind }
attributes #12 = { nobuiltin "no-builtins" }

!llvm.module.flags = !{!0, !1}

!0 = !{i32 1, !"wchar_size", i32 4}
!1 = !{i32 8, !"PIC Level", i32 2}
!2 = !{!"Debian clang version 19.1.7 (3~deb12u1)"}
!3 = !{!4, !4, i64 0}
!4 = !{!"long", !5, i64 0}
!5 = !{!"omnipotent char", !6, i64 0}
!6 = !{!"Simple C/C++ TBAA"}
!7 = !{!8, !8, i64 0}
!8 = !{!"int", !5, i64 0}
!9 = !{!10, !10, i64 0}
!10 = !{!"any pointer", !5, i64 0}
!11 = !{!12, !8, i64 16}
!12 = !{!"", !10, i64 0, !10, i64 8, !8, i64 16, !8, i64 20}
!13 = !{!12, !10, i64 0}
!14 = !{!15, !8, i64 0}
!15 = !{!"", !8, i64 0, !8, i64 4, !8, i64 8, !8, i64 12, !8, i64 16, !8, i64 20}
!16 = !{!15, !8, i64 8}
!17 = !{!18, !10, i64 8}
!18 = !{!"", !10, i64 0, !10, i64 8, !10, i64 16}
!19 = !{!15, !8, i64 4}
!20 = distinct !{!20, !21}
!21 = !{!"llvm.loop.mustprogress"}
!22 = !{!18, !10, i64 16}
!23 = !{!18, !10, i64 0}
!24 = !{!15, !8, i64 16}
!25 = distinct !{!25, !21}
!26 = !{!15, !8, i64 12}
!27 = !{!15, !8, i64 20}
!28 = distinct !{!28, !21}
!29 = distinct !{!29, !21}
!30 = distinct !{!30, !31}
!31 = !{!"llvm.loop.unroll.disable"}
!32 = distinct !{!32, !21}
!33 = !{!5, !5, i64 0}
!34 = distinct !{!34, !21}
!35 = distinct !{!35, !31}
!36 = distinct !{!36, !21}
!37 = !{!12, !8, i64 20}
!38 = !{!12, !10, i64 8}
!39 = !{!40, !8, i64 40}
!40 = !{!"", !10, i64 0, !41, i64 8, !4, i64 16, !4, i64 24, !4, i64 32, !8, i64 40, !8, i64 44, !8, i64 48, !8, i64 52, !8, i64 56, !8, i64 60, !5, i64 64, !8, i64 76}
!41 = !{!"double", !5, i64 0}
!42 = !{!40, !8, i64 44}
!43 = !{!40, !8, i64 60}
!44 = !{!40, !8, i64 56}
!45 = !{!40, !8, i64 48}
!46 = distinct !{!46, !21}
!47 = !{!48, !8, i64 28}
!48 = !{!"", !4, i64 0, !4, i64 8, !4, i64 16, !8, i64 24, !8, i64 28, !8, i64 32}
!49 = distinct !{!49, !21}
!50 = !{!48, !4, i64 16}
!51 = !{!48, !8, i64 32}
!52 = !{!40, !4, i64 16}
!53 = !{!40, !4, i64 24}
!54 = !{!48, !8, i64 24}
!55 = !{!40, !10, i64 0}
!56 = !{!57, !10, i64 0}
!57 = !{!"", !10, i64 0, !10, i64 8, !10, i64 16, !4, i64 24, !4, i64 32}
!58 = !{!57, !10, i64 8}
!59 = !{!57, !10, i64 16}
!60 = !{!48, !4, i64 0}
!61 = !{!57, !4, i64 24}
!62 = !{!48, !4, i64 8}
!63 = !{!57, !4, i64 32}
!64 = !{!40, !41, i64 8}
!65 = !{!40, !8, i64 52}
!66 = !{!40, !8, i64 76}
!67 = !{!40, !4, i64 32}
!68 = distinct !{!68, !21}
